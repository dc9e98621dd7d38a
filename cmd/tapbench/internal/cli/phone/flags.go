package phone

import (
	"context"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/wallet"
)

// Flags are the flags of every wallet command.
type Flags struct {
	folder string
	PKI    string
	tpm    *device.TPMFlag
	bind   *device.BindFlag
	list   string
	reader *device.ReaderFlag
	// program is what is started as the wallet, started its digest once that has happened.
	program string
	started [32]byte
	consent string
}

// need says what a command wants of the TPM.
type need byte

// What a command needs.
const (
	NeedNothing need = iota // looking, disarming
	NeedLaunch              // a proof of what was started, if the element asks for it
	NeedTPM                 // quotes for the bank
)

// AddFlags adds the flags of every wallet command.
func AddFlags(a *shell.App, cmd *cobra.Command) *Flags {
	w := &Flags{reader: device.AddReader(a, cmd), tpm: device.AddTPM(a, cmd)}
	w.bind = device.AddBind(cmd, w.tpm, "wallet's state", device.WalletIndex)
	w.bind.Handle = a.Getenv(device.BindVariable)
	f := cmd.Flags()
	f.StringVar(&w.folder, "wallet", "wallet", "the wallet's `folder`")
	f.StringVar(&w.PKI, "pki", "pki", "the bench's `folder` of keys")
	f.StringVar(&w.list, "measurements", a.Getenv("TAPBENCH_MEASUREMENTS"),
		"measurement list `file` (default: $TAPBENCH_MEASUREMENTS)")
	return w
}

// Open opens the phone of a wallet command.
func (w *Flags) Open(ctx context.Context, a *shell.App, n need, desk bool) (*Phone, error) {
	if n == NeedTPM {
		if err := w.tpm.Check(); err != nil {
			return nil, err
		}
	}
	card, err := w.reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := Config{
		Folder: w.folder, PKI: w.PKI, List: w.list, Desk: desk, Card: card,
		Observe: func(s wallet.Step) { showStep(a, s) },
		started: w.started, consent: w.consent, Bind: w.bind, look: n == NeedNothing,
	}
	if n == NeedTPM || n == NeedLaunch && w.tpm.Where != "" {
		c.TPM = w.tpm
	}
	return Open(ctx, c)
}

// AddStartFlags adds the flags of a command that needs more than looking, and has it started.
func (w *Flags) AddStartFlags(a *shell.App, cmd *cobra.Command) {
	f := cmd.Flags()
	if f.Lookup("program") == nil {
		f.StringVar(&w.program, "program", "",
			"the `executable` to start as the wallet (default: this one)")
	}
	f.StringVar(&w.consent, "consent-address", "127.0.0.1:8441",
		"where the bank listens that consents to launches, under policy bank")
	w.StartFirst(a, cmd)
}

// showStep prints a message of the protocol to standard error as it happens.
func showStep(a *shell.App, s wallet.Step) {
	a.Say("  %-20s %-7s → %-7s %6d bytes", s.Name, s.From, s.To, s.Bytes)
}
