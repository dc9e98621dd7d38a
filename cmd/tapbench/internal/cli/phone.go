package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/backend/client"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
	"tapbench/tpm"
	"tapbench/wallet"
)

// phone is a wallet with its element, its TPM and its view of the servers, opened for one command.
type phone struct {
	*wallet.Wallet
	Counter *pcsc.Counter
	party   *pki.Party
	device  *tpm.TPM   // nil: none was needed
	bound   *boundJSON // nil: the state isn't bound
	// received records what the servers answer, or is nil.
	received *received.Recorder
	close    []func() error
}

// phoneConfig says what a phone is made of.
type phoneConfig struct {
	folder string
	pki    string   // the bench's folder of keys
	tpm    *tpmFlag // nil: none needed
	// bind, if it is asked for, binds the wallet's state; look is for a command that only looks, and
	// may do so without a TPM.
	bind *bindFlag
	look bool
	list string // the measurement list
	desk bool   // whether the CA's desk is needed
	card pcsc.Card
	// started is the digest that the wallet was started as, consent where the bank listens that has
	// to agree to a launch.
	started [32]byte
	consent string
	// observe, if set, is told of each message.
	observe func(wallet.Step)
	// received, if set, records what card and servers answer.
	received *received.Recorder
}

// openPhone opens a phone; it owns the card from then on.
func openPhone(ctx context.Context, c phoneConfig) (_ *phone, err error) {
	p := &phone{
		Counter: pcsc.NewCounter(overheardCard{c.card, c.received}), received: c.received,
	}
	p.close = append(p.close, p.Counter.Close)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	config := wallet.Config{
		SE:       applet.NewClient(pcsc.NewSession(p.Counter)),
		Software: softwareID, Observe: c.observe, Started: c.started,
		Consent: func(bank message.PartyID) (wallet.Caller, error) {
			return p.consenting(bank, c.consent)
		},
	}
	keys := filepath.Join(c.pki, string(pki.RoleWallet))
	if p.party, err = pki.OpenParty(keys, time.Now); err != nil {
		return nil, err
	}
	if c.desk {
		ca, err := pki.OpenCA(filepath.Join(c.pki, string(pki.RoleCA)), time.Now)
		if err != nil {
			return nil, err
		}
		config.Desk = pki.NewDesk(ca)
	}
	config.Epochs = func() ([]message.EpochCertificate, error) { return p.party.OpenEpochs(keys) }
	if c.tpm != nil {
		if config.Attester, err = p.openTPM(ctx, c); err != nil {
			return nil, err
		}
	}
	if config.Folder, err = p.openFolder(ctx, c); err != nil {
		return nil, err
	}
	p.Wallet, err = wallet.New(config)
	return p, err
}

// openFolder opens the wallet's folder, bound to the TPM if that is asked for.
func (p *phone) openFolder(ctx context.Context, c phoneConfig) (wallet.Store, error) {
	folder := wallet.Folder(c.folder)
	if c.bind == nil || !c.bind.asked() || c.look && c.bind.tpm.where == "" {
		if !c.look {
			return folder, nil
		}
		isBound, err := folder.IsBound()
		if isBound {
			p.bound = &boundJSON{}
		}
		return wallet.View(folder), err
	}
	if err := c.bind.check(); err != nil {
		return nil, err
	}
	if p.device == nil {
		if err := p.openDevice(ctx, c.bind.tpm); err != nil {
			return nil, err
		}
	}
	index, err := c.bind.index(p.device)
	if err != nil {
		return nil, err
	}
	held, err := wallet.OpenBound(folder, index)
	if err != nil {
		return nil, err
	}
	p.close = append(p.close, held.Close)
	p.bound = &boundJSON{Index: fmt.Sprintf("%08X", index.Handle), Verified: true}
	return held, nil
}

// openDevice opens the TPM until the phone is closed.
func (p *phone) openDevice(ctx context.Context, f *tpmFlag) error {
	device, end, err := f.open(ctx)
	if err != nil {
		return err
	}
	p.device = device
	p.close = append(p.close, end)
	return nil
}

func (p *phone) openTPM(ctx context.Context, c phoneConfig) (wallet.Attester, error) {
	if err := p.openDevice(ctx, c.tpm); err != nil {
		return nil, err
	}
	seed, err := akSeed(c.folder)
	if err != nil {
		return nil, err
	}
	if _, own := cutSWTPM(c.tpm.where); own {
		c.list = ownList(c.folder, c.list)
		if err := startHere(ctx, p.device, c.list); err != nil {
			return nil, err
		}
	}
	return wallet.NewPhone(ctx, p.device, seed, c.list)
}

// akSeed returns the wallet's seed of its attestation key, which it makes at first use.
func akSeed(folder string) (seed [tpm.SeedSize]byte, err error) {
	path := filepath.Join(folder, "ak.seed")
	raw, err := os.ReadFile(filepath.Clean(path))
	switch {
	case err == nil && len(raw) == len(seed):
		copy(seed[:], raw)
		return seed, nil
	case err == nil:
		return seed, fmt.Errorf("%w: %s", wallet.ErrForeignWallet, path)
	case !errors.Is(err, os.ErrNotExist):
		return seed, fmt.Errorf("reading the AK's seed: %w", err)
	}
	if _, err := rand.Read(seed[:]); err != nil {
		return seed, fmt.Errorf("making the AK's seed: %w", err)
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return seed, fmt.Errorf("making the wallet's folder: %w", err)
	}
	if err := os.WriteFile(path, seed[:], 0o600); err != nil {
		return seed, fmt.Errorf("keeping the AK's seed: %w", err)
	}
	return seed, nil
}

// server returns a caller for a server that the wallet knows.
func (p *phone) server(role pki.Role, name, address string) (*client.Client, error) {
	peer, err := peerByName(p.party, role, name)
	if err != nil {
		return nil, err
	}
	config, err := p.party.ClientTLS(role, peer.ID)
	if err != nil {
		return nil, err
	}
	server := client.New(address, config)
	server.Received = p.received.Add
	return server, nil
}

// consenting returns a caller for the bank that has to agree to a launch.
func (p *phone) consenting(bank message.PartyID, address string) (wallet.Caller, error) {
	config, err := p.party.ClientTLS(pki.RoleBank, bank)
	if err != nil {
		return nil, err
	}
	c := client.New(address, config)
	p.close = append(p.close, func() error { c.Close(); return nil })
	return c, nil
}

// Close closes card and TPM.
func (p *phone) Close() error {
	var all []error
	for i := len(p.close) - 1; i >= 0; i-- {
		all = append(all, p.close[i]())
	}
	p.close = nil
	return errors.Join(all...)
}

// walletFlags are the flags of every wallet command.
type walletFlags struct {
	folder string
	pki    string
	tpm    *tpmFlag
	bind   *bindFlag
	list   string
	reader *readerFlag
	// program is what is started as the wallet, started its digest once that has happened.
	program string
	started [32]byte
	consent string
}

// need says what a command wants of the TPM.
type need byte

const (
	needNothing need = iota // looking, disarming
	needLaunch              // a proof of what was started, if the element asks for it
	needTPM                 // quotes for the bank
)

func addWalletFlags(a *shell.App, cmd *cobra.Command) *walletFlags {
	w := &walletFlags{reader: addReaderFlag(a, cmd), tpm: addTPMFlag(a, cmd)}
	w.bind = addBindFlag(cmd, w.tpm, "wallet's state", walletIndex)
	w.bind.handle = a.Getenv(bindVariable)
	f := cmd.Flags()
	f.StringVar(&w.folder, "wallet", "wallet", "the wallet's `folder`")
	f.StringVar(&w.pki, "pki", "pki", "the bench's `folder` of keys")
	f.StringVar(&w.list, "measurements", a.Getenv("TAPBENCH_MEASUREMENTS"),
		"measurement list `file` (default: $TAPBENCH_MEASUREMENTS)")
	return w
}

// open opens the phone of a wallet command.
func (w *walletFlags) open(ctx context.Context, a *shell.App, n need, desk bool) (*phone, error) {
	if n == needTPM {
		if err := w.tpm.check(); err != nil {
			return nil, err
		}
	}
	card, err := w.reader.connect(ctx)
	if err != nil {
		return nil, err
	}
	c := phoneConfig{
		folder: w.folder, pki: w.pki, list: w.list, desk: desk, card: card,
		observe: func(s wallet.Step) { showStep(a, s) },
		started: w.started, consent: w.consent, bind: w.bind, look: n == needNothing,
	}
	if n == needTPM || n == needLaunch && w.tpm.where != "" {
		c.tpm = w.tpm
	}
	return openPhone(ctx, c)
}

// addStartFlags adds the flags of a command that needs more than looking, and has it started.
func (w *walletFlags) addStartFlags(a *shell.App, cmd *cobra.Command) {
	f := cmd.Flags()
	if f.Lookup("program") == nil {
		f.StringVar(&w.program, "program", "",
			"the `executable` to start as the wallet (default: this one)")
	}
	f.StringVar(&w.consent, "consent-address", "127.0.0.1:8441",
		"where the bank listens that consents to launches, under policy bank")
	w.startFirst(a, cmd)
}

// showStep prints a message of the protocol to standard error as it happens.
func showStep(a *shell.App, s wallet.Step) {
	a.Say("  %-20s %-7s → %-7s %6d bytes", s.Name, s.From, s.To, s.Bytes)
}

// userID returns ID_U of a name: 1 to 16 letters, digits, "-", "_" or ".".
func userID(name string) (message.UserID, error) {
	ok := len(name) >= 1 && len(name) <= 16
	for _, c := range name {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			strings.ContainsRune("-_.", c))
	}
	if !ok {
		return message.UserID{}, shell.Usagef(
			"--user %q isn't 1 to 16 letters, digits, dots, dashes or underscores", name)
	}
	return message.NewUserID(name), nil
}

var _ io.Closer = (*phone)(nil)
