package pos

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tapbench/backend/money"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal"
	"tapbench/terminal/claims"
	"tapbench/terminal/denied"
	"tapbench/terminal/kernel"
	judge "tapbench/terminal/offline"
)

// offlineNever is the mode of a terminal that takes no payment without the TSM.
const offlineNever = "never"

// OfflineFlags say when a terminal takes payments without the TSM.
type OfflineFlags struct {
	Mode, Floor string
	reuse       bool
}

// Add adds the flags.
func (o *OfflineFlags) Add(cmd *cobra.Command, f *pflag.FlagSet) {
	f.StringVar(&o.Mode, "offline", string(terminal.OfflineAuto),
		"take payments by token: auto (without the TSM), only or never")
	f.StringVar(&o.Floor, "floor", "50.00", "the most that a payment without the TSM may be, in EUR")
	f.BoolVar(&o.reuse, "reuse-token", false,
		"take further units of a token that paid here: it shows both are one customer's")
	_ = cmd.RegisterFlagCompletionFunc("offline", cobra.FixedCompletions(
		[]string{string(terminal.OfflineAuto), string(terminal.OfflineOnly), offlineNever},
		cobra.ShellCompDirectiveNoFileComp))
}

// Parse returns mode and floor; ok is false for never.
func (o OfflineFlags) Parse() (mode terminal.OfflineMode, floor money.Amount, ok bool, err error) {
	switch mode = terminal.OfflineMode(o.Mode); mode {
	case terminal.OfflineAuto, terminal.OfflineOnly:
	case offlineNever, "":
		return mode, floor, false, nil
	default:
		return mode, floor, false, shell.Usagef("--offline %q is none of auto, only, never",
			o.Mode)
	}
	floor, err = shell.ParseAmount("--floor", o.Floor)
	return mode, floor, true, err
}

// openClaims opens the journal of what a terminal took offline, and returns how to close it.
func openClaims(o Flags, merchant string) (*claims.Journal, func() error, error) {
	folder, err := claims.OpenFolder(filepath.Join(o.Folder, "claims"))
	if err != nil {
		return nil, nil, err
	}
	j, err := claims.Open(folder, claims.Identity{Merchant: merchant, Terminal: o.Terminal})
	if err != nil {
		return nil, nil, errors.Join(err, folder.Close())
	}
	return j, folder.Close, nil
}

// addOffline has a point of sale take payments without the TSM, if it is to. It returns how to
// close what was opened.
func addOffline(
	a *shell.App, c *terminal.Config, o Flags, party *pki.Party,
) (func() error, error) {
	mode, floor, wanted, err := o.Offline.Parse()
	if err != nil || !wanted || c.MerchantKey == nil {
		return func() error { return nil }, err
	}
	tsm, err := parties.Peer(party, pki.RoleTSM, o.TSM)
	if err != nil {
		return nil, err
	}
	issuer, err := judge.NewIssuer(tsm.ID, tsm.Sign)
	if err != nil {
		return nil, err
	}
	journal, stop, err := openClaims(o, c.Merchant.String())
	if err != nil {
		return nil, err
	}
	for _, f := range journal.Findings() {
		a.Log.Warn().Str("finding", f.String()).Msg("the terminal's claims")
	}
	seen := new(judge.Table)
	list, err := openDenyList(o, tsm)
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	verifier, err := judge.New(judge.Config{
		Issuers: []judge.Issuer{issuer}, Merchant: [15]byte(c.Merchant),
		Certificate: c.MerchantKey.Certificate.Sum(), Seen: seen, Denied: list.Held(),
		Reuse: o.Offline.reuse,
	})
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	c.Offline = &terminal.Offline{
		Mode: mode, Floor: floor, Verifier: verifier, Denied: list.Held(), Seen: seen,
		Claims: journal,
	}
	return stop, nil
}

// merchantKey returns how a merchant authenticates to cards; nil for a folder of before.
func merchantKey(party *pki.Party, compact pki.Compact) *kernel.MerchantKey {
	if compact.Sign.Type == 0 {
		return nil
	}
	return &kernel.MerchantKey{Key: party.Sign.Reveal(), Certificate: compact.Sign}
}

// openDenyList opens a terminal's copy of the TSM's deny list.
func openDenyList(o Flags, tsm pki.Peer) (*denied.File, error) {
	return denied.Open(filepath.Join(o.Folder, "denylist"), tsm.ID, tsm.Sign)
}

// syncDenyList brings it up to date.
func syncDenyList(ctx context.Context, o Flags, tsm pki.Peer, server denied.Caller) error {
	list, err := openDenyList(o, tsm)
	if err != nil {
		return err
	}
	return list.Sync(ctx, server)
}
