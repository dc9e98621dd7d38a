package wallet

import (
	"context"

	"github.com/spf13/cobra"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

func newInstall(a *shell.App) *cobra.Command {
	var bank phone.ServerFlags
	var program string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install a release of the wallet: from then on the element unlocks for it alone",
		Long: `install takes a later release, as "open" does the first one: it checks the software
provider's signature and the program's digest, measures the program into the TPM and the list, and
shows the bank the evidence. Only when the bank has signed does the element store the program's
digest. A release that isn't signed, that names another program, or that the bank doesn't accept or
has revoked is refused, and what was installed stays. What was measured stays in PCR 10 until the
phone is switched on again.

From then on "tapbench wallet" has to be started as that program, by itself or with --program: the
starter measures it into PCR 23, and the element unlocks for a quote over its own nonce
(--launch-policy local). That says only that somebody here has extended that digest; the bank sees
what was started whenever it grants or funds an account. With --launch-policy bank it looks at every
start: then no program that wasn't released gets the element even once, but each start needs the
network, and the bank learns when its customer pays. The same command changes the policy.`,
		Example: `  tapbench wallet install --release release-2 --program bin/tapbench-2
  tapbench wallet install --launch-policy bank --bank-address 127.0.0.1:8441`,
		Args: shell.NoArgs,
	}
	w, r := phone.AddFlags(a, cmd), phone.AddReleaseFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&program, "program", "", "the `executable` to install (default: this one)")
	f.StringVar(&bank.Name, "bank", "bank-a", "`name` of the bank that signs")
	f.StringVar(&bank.Address, "bank-address", "127.0.0.1:8441", "where the bank listens")
	w.StartFirst(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedTPM, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		release, err := r.Read(p, w.PKI, program)
		if err != nil {
			return err
		}
		if err := install(cmd.Context(), p, bank, release); err != nil {
			return err
		}
		return printWallet(a, p)
	}
	return cmd
}

func install(
	ctx context.Context, p *phone.Phone, bank phone.ServerFlags, release wallet.Release,
) error {
	server, err := p.Server(pki.RoleBank, bank.Name, bank.Address)
	if err != nil {
		return err
	}
	defer server.Close()
	return p.Install(ctx, wallet.InstallOptions{Bank: server, Release: release})
}
