package cli

import (
	"context"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

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
