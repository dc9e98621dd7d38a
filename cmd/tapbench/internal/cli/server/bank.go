package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/message"
	"tapbench/backend/bank"
	"tapbench/backend/pki"
	"tapbench/backend/service"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/tpm/ek"
	"tapbench/wallet"
)

// NewBank returns the command "bank".
func NewBank(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{Use: "bank", Short: "Run a bank"}
	cmd.AddCommand(newBankServe(a))
	return cmd
}

type bankServeOptions struct {
	keys    string
	public  string
	store   string
	listen  string
	ekRoots string
	limits  []string
	release []string
	revoke  []string
	// received is the file that gets what the bank is sent, or empty.
	received string
}

func newBankServe(a *shell.App) *cobra.Command {
	var o bankServeOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a bank over HTTPS until interrupted",
		Long: `serve runs one bank: it opens accounts, judges phones, grants bank account IDs and moves
credit into the TSM's escrow. It accepts phones that have started released software only: the
release in --public, and those of --release, but for what --revoke names. What it knows is in one
file, which no second process can open.

When it answers it prints one JSON line with its address.`,
		Example: `  tapbench bank serve --keys pki/bank-a --public pki/public --store bank-a.db \
      --ek-roots "$TAPBENCH_EK_ROOTS" --listen 127.0.0.1:8441`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return bankServe(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.keys, "keys", "pki/bank-a", "the bank's own `folder`, made by pki init")
	f.StringVar(&o.public, "public", "pki/public", "`folder` with the signed release")
	f.StringVar(&o.store, "store", "bank.db", "the bank's `file`, or a PostgreSQL database's URL")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	f.StringVar(&o.ekRoots, "ek-roots", a.Getenv("TAPBENCH_EK_ROOTS"),
		"PEM `file` with the certificates of the TPM makers that the bank trusts")
	f.StringArrayVar(&o.release, "release", nil,
		"`folder` of a further signed release that the bank accepts; again for one more")
	f.StringArrayVar(&o.revoke, "revoke", nil,
		"`SHA256` of a program that was released and may no longer run; again for one more")
	addLimitsFlag(cmd, &o.limits)
	addReceivedFlag(cmd, &o.received)
	return cmd
}

func bankServe(ctx context.Context, a *shell.App, o bankServeOptions) (err error) {
	p, err := openServer(o.keys, pki.RoleBank)
	if err != nil {
		return err
	}
	config, err := bankConfig(p, o)
	if err != nil {
		return err
	}
	s, err := parties.OpenStore(ctx, o.store, p.Party)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if p.received, err = openReceived(o.received); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.received.Close()) }()
	config.DB = s
	b, err := bank.New(ctx, config)
	if err != nil {
		return err
	}
	l, err := listen(ctx, o.listen)
	if err != nil {
		return err
	}
	mux := service.NewMux(a.Log)
	mux.Record(p.received.Add)
	b.Handle(mux, p.identify(pki.RoleTSM), p.identify(pki.RoleJudge))
	if err := announce(a, bench.Ready{Listening: l.Addr().String()}); err != nil {
		return err
	}
	callers := p.ServerTLS(pki.AskClients, pki.RoleTSM, pki.RoleJudge)
	return benign(ctx, service.Serve(ctx, l, callers, mux))
}

// bankConfig puts a bank together from its folder.
func bankConfig(p party, o bankServeOptions) (bank.Config, error) {
	c := bank.Config{
		ID: p.ID, SignKey: p.Sign.Reveal(), KEMKey: p.KEM.Reveal(),
		Sign: p.compact.Sign, KEM: p.compact.KEM, CA: p.ca.ID, CAKey: p.ca.Sign,
		TSMs:     make(map[message.PartyID]message.PublicKey),
		Software: parties.SoftwareID, PCRs: []int{wallet.MeasuredPCR}, Now: time.Now,
	}
	for _, tsm := range p.PeersOf(pki.RoleTSM) {
		c.TSMs[tsm.ID] = tsm.Sign
	}
	var err error
	if c.Limits, err = parseLimits(o.limits); err != nil {
		return c, err
	}
	if o.ekRoots == "" {
		return c, shell.Usagef(
			"--ek-roots is missing: whose TPMs does the bank trust? \"tapbench up\" prints a file")
	}
	raw, err := os.ReadFile(filepath.Clean(o.ekRoots))
	if err != nil {
		return c, fmt.Errorf("reading the TPM makers' certificates: %w", err)
	}
	if c.EKRoots, err = ek.ParseRoots(raw); err != nil {
		return c, err
	}
	if c.Released, err = acceptReleases(p.Party, append([]string{o.public}, o.release...)); err != nil {
		return c, err
	}
	c.Revoked, err = revocations(o.revoke)
	return c, err
}

// acceptReleases reads signed releases and returns which programs belong to one of them.
func acceptReleases(p *pki.Party, folders []string) (func([32]byte) bool, error) {
	provider, err := parties.SoftwareProvider(p)
	if err != nil {
		return nil, err
	}
	accepted := make(map[[32]byte]bool)
	for _, folder := range folders {
		manifest, err := pki.LoadManifest(folder, provider)
		if err != nil {
			return nil, err
		}
		for _, e := range manifest.Executables {
			accepted[e.Digest] = true
		}
	}
	return func(digest [32]byte) bool { return accepted[digest] }, nil
}

// revocations reads digests.
func revocations(texts []string) (func([32]byte) bool, error) {
	revoked := make(map[[32]byte]bool)
	for _, text := range texts {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != sha256.Size {
			return nil, shell.Usagef("--revoke %q isn't a SHA-256 in 64 digits", text)
		}
		revoked[[32]byte(raw)] = true
	}
	return func(digest [32]byte) bool { return revoked[digest] }, nil
}
