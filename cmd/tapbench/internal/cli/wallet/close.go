package wallet

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/backend/client"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

type closeOptions struct {
	tsm, bank   phone.ServerFlags
	account     string
	bankAccount string
}

func newClose(a *shell.App) *cobra.Command {
	var o closeOptions
	cmd := &cobra.Command{
		Use:   "close",
		Short: "Give a TSM account or a bank account ID up",
		Long: `close gives an account up before it expires.

With --tsm-account NAME it is the anonymous account that bank NAME pays: the element drops its
cards, the TSM declines them from then on, and the slot is free for another account. What is left of
it comes back at the bank some days after its last epoch, together with all others of that epoch, so
that the bank sees nothing of the closing. "wallet run" registers another one at an epoch's start,
unless the bank account ID is closed, too.

With --bank NAME it is the bank account ID: nothing more is paid from it. The deposit stays at the
bank, and "wallet open" gets a new ID; TSM accounts that it has paid stay, too.

Broken off, it can be run again; "wallet run" goes on with it as well.`,
		Example: `  tapbench wallet close --tsm-account bank-a --tsm-address 127.0.0.1:8443
  tapbench wallet close --bank bank-a --bank-address 127.0.0.1:8441`,
		Args: shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.account, "tsm-account", "", "close the TSM account that is paid from this `bank`")
	f.StringVar(&o.bankAccount, "bank", "", "close the bank account ID at this `bank`")
	f.StringVar(&o.tsm.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.tsm.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	f.StringVar(&o.bank.Address, "bank-address", "127.0.0.1:8441", "where the bank listens")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if (o.account == "") == (o.bankAccount == "") {
			return shell.Usagef("name either --tsm-account or --bank")
		}
		p, err := w.Open(cmd.Context(), a, phone.NeedLaunch, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		if err := walletClose(cmd.Context(), p, o); err != nil {
			return err
		}
		return printWallet(a, p)
	}
	return cmd
}

func walletClose(ctx context.Context, p *phone.Phone, o closeOptions) error {
	name := o.account + o.bankAccount // one of both
	bank, err := parties.Peer(p.Party, pki.RoleBank, name)
	if err != nil {
		return err
	}
	if o.account != "" {
		tsm, err := p.Server(pki.RoleTSM, o.tsm.Name, o.tsm.Address)
		if err != nil {
			return err
		}
		defer tsm.Close()
		return p.CloseTID(ctx, tsm, bank.ID.String())
	}
	server, err := p.Server(pki.RoleBank, name, o.bank.Address)
	if err != nil {
		return err
	}
	defer server.Close()
	return p.CloseAID(ctx, server, bank.ID.String())
}

// bankLines are the lines to the banks that a wallet asks by itself.
type bankLines struct {
	phone *phone.Phone
	flags []string // NAME=ADDRESS
	open  []*client.Client
}

// Bank returns the line to the bank of an ID.
func (b *bankLines) Bank(id string) (wallet.Caller, error) {
	for _, text := range b.flags {
		name, address, ok := strings.Cut(text, "=")
		if !ok {
			return nil, shell.Usagef("--bank %q isn't NAME=ADDRESS", text)
		}
		peer, err := parties.Peer(b.phone.Party, pki.RoleBank, name)
		if err != nil {
			return nil, err
		}
		if peer.ID.String() != id {
			continue
		}
		line, err := b.phone.Server(pki.RoleBank, name, address)
		if err == nil {
			b.open = append(b.open, line)
		}
		return line, err
	}
	return nil, shell.Usagef("where does %s listen? Name it with --bank NAME=ADDRESS", id)
}

// Close drops the lines.
func (b *bankLines) Close() {
	for _, line := range b.open {
		line.Close()
	}
}
