package wallet

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// New returns the command "wallet".
func New(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wallet",
		Short: "The phone's payment app: open, register, refill, arm, keep ready",
		Long: `wallet drives the phone's secure element and TPM through the protocol: "open" an account in
person, "register" anonymously with the TSM, "refill" cards and tokens, and "arm" for one tap; "run"
does what a phone does by itself. It owns no key of the protocol; the element does. The element is
whatever card lies on the reader.`,
	}
	cmd.AddCommand(newOpen(a), newRegister(a), newRefill(a), newArm(a),
		newDisarm(a), newStatus(a), newRun(a), newClose(a),
		newInstall(a), newToken(a))
	return cmd
}

func newOpen(a *shell.App) *cobra.Command {
	var o phone.AccountOptions
	cmd := &cobra.Command{
		Use:   "open",
		Short: "Open a bank account in person, enrol the phone, get a bank account ID",
		Long: `open runs phases 0 to 2: a new element is certified at the CA's desk (the folder named by
--pki stands for it), the user opens an account and hands in a deposit, the TPM's attestation key is
enrolled by credential activation, this program is installed as the wallet (see "install"), and the
bank grants an anonymous account ID for a quote over its nonce. Broken off, it can be run again.`,
		Example: `  tapbench wallet open --user alice --bank bank-a --bank-address 127.0.0.1:8441 \
      --deposit 200.00 --limit 100.00`,
		Args: shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	o.Release = phone.AddReleaseFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.User, "user", "alice", "`name` of the user, whom only CA and bank see")
	f.StringVar(&o.Bank.Name, "bank", "bank-a", "`name` of the bank")
	f.StringVar(&o.Bank.Address, "bank-address", "127.0.0.1:8441", "where the bank listens")
	f.StringVar(&o.Deposit, "deposit", "200.00", "cash over the counter, in EUR")
	f.StringVar(&o.Limit, "limit", "100.00", "limit of the account ID, one of the bank's list")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedTPM, true)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		o.Keys = w.PKI
		if err := phone.OpenAccount(cmd.Context(), p, o); err != nil {
			return err
		}
		return printWallet(a, p)
	}
	return cmd
}

func newRegister(a *shell.App) *cobra.Command {
	var o phone.RegisterOptions
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Register anonymously with the TSM and move the limit into its escrow",
		Example: "  tapbench wallet register --tsm-address 127.0.0.1:8443\n" +
			"  tapbench wallet register --bank bank-a --limit 50.00",
		Args: shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.TSM.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.TSM.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	f.StringVar(&o.Bank, "bank", "", "`name` of the bank that pays (default: the first one)")
	f.StringVar(&o.Limit, "limit", "", "how much to move, in EUR (default: the account's limit)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedTPM, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		if err := phone.Register(cmd.Context(), p, o); err != nil {
			return err
		}
		return printWallet(a, p)
	}
	return cmd
}

func newRefill(a *shell.App) *cobra.Command {
	var o phone.RefillOptions
	cmd := &cobra.Command{
		Use:   "refill",
		Short: "Get cards and offline tokens into the element's slots",
		Long: `refill asks the TSM for virtual cards until --cards are ready, and withdraws offline tokens,
prepaid from the account, until --tokens of each class that the TSM issues are ready: each pays one
tap at a terminal without a network. At most half of the account's limit goes into tokens; what is
left of one comes back when it has expired, or at once with "wallet token close".

--card says of which kind the cards are, for this and all later refills; cards of the other kind are
replaced.

  one-show      a card for each payment, the default: no two payments show the same
  until-expiry  one card until it expires, if the TSM's policy has it: whoever sees two of its
                payments can link them; its limit holds for all of them together`,
		Example: `  tapbench wallet refill --cards 8 --tsm-address 127.0.0.1:8443
  tapbench wallet refill --card until-expiry
  tapbench wallet refill --tokens 2`,
		Args: shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.TSM.Name, "tsm", "tsm", "`name` of the TSM")
	f.StringVar(&o.TSM.Address, "tsm-address", "127.0.0.1:8443", "where the TSM listens")
	f.IntVar(&o.Cards, "cards", wire.CardSlots, "how many cards to have ready; one until expiry")
	f.IntVar(&o.Tokens, "tokens", 1, "how many offline tokens of each class to have ready; 0: none")
	shell.AddCardKind(cmd, &o.Card, "", "`kind` of card, if not the one that was used before")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedLaunch, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		cards, tokens, err := phone.Refill(cmd.Context(), p, o)
		if err != nil {
			return err
		}
		out := map[string]int{"cards_ready": cards, "tokens_ready": tokens}
		return a.Print(out, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "%d cards ready, %d offline tokens\n", cards, tokens)
		})
	}
	return cmd
}

func newArm(a *shell.App) *cobra.Command {
	var o phone.ArmOptions
	cmd := &cobra.Command{
		Use:   "arm",
		Short: "Consent to one tap, up to an amount",
		Long: `arm is the user's consent: the element answers one tap of at most this amount, online by a
card or offline by a token. Without it the element answers no terminal. "disarm" takes the consent
back.

With --mutual it first has the merchant prove who it is, before it shows anything by which card or
token could be known again. With --reuse-token a token that has paid a merchant before may pay the
same one again; that merchant can tell then that both payments are one customer's.`,
		Example: "  tapbench wallet arm --amount 20.00\n  tapbench wallet arm --amount 5.00 --mutual",
		Args:    shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	w.AddStartFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.Amount, "amount", "50.00", "the most that the tap may take, in EUR")
	f.BoolVar(&o.Mutual, "mutual", false, "only for a merchant that proves who it is")
	f.BoolVar(&o.Reuse, "reuse-token", false, "let a token pay the same merchant again")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedLaunch, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		if err := phone.Arm(cmd.Context(), p, o); err != nil {
			return err
		}
		return a.Print(map[string]string{"armed": o.Amount}, func(w io.Writer) {
			_, _ = fmt.Fprintf(w, "armed for one tap of at most %s EUR\n", o.Amount)
		})
	}
	return cmd
}

func newDisarm(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use: "disarm", Short: "Take the consent to a tap back", Args: shell.NoArgs,
	}
	w := phone.AddFlags(a, cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p, err := w.Open(cmd.Context(), a, phone.NeedNothing, false)
		if err != nil {
			return err
		}
		defer func() { _ = p.Close() }()
		if err := p.Disarm(cmd.Context()); err != nil {
			return err
		}
		return a.Print(map[string]bool{"armed": false}, func(w io.Writer) {
			_, _ = fmt.Fprintln(w, "not armed")
		})
	}
	return cmd
}
