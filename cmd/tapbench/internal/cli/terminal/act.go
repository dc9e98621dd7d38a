package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/shop"
)

func newRefund(a *shell.App) *cobra.Command {
	var amount string
	cmd := &cobra.Command{
		Use:   "refund RRN",
		Short: "Give a payment back, or a part of it",
		Long: `refund gives a payment back to the account that paid, by the reference number on its receipt.
No card is needed. Without --amount it gives back all that is left. Several refunds of one payment
together are never more than it: terminal and TSM both see to that.

If the TSM doesn't answer, the refund is kept in --folder and asked for again before anything else;
the TSM carries it out once. Running the same command again gives that refund's receipt.`,
		Example: `  tapbench terminal refund 004711081542
  tapbench terminal refund 004711081542 --amount 3.00 --json`,
		Args: shell.OneArg("RRN, the number on the receipt"),
	}
	o := pos.AddFlags(cmd)
	cmd.Flags().StringVar(&amount, "amount", "", "how much, in EUR (default: all that is left)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		order := shop.Order{Act: shop.Refund, RRN: args[0], Amount: money.Zero(money.EUR)}
		if amount != "" {
			parsed, err := shell.ParseAmount("--amount", amount)
			if err != nil {
				return err
			}
			order.Amount = parsed
		}
		return act(cmd.Context(), a, *o, order)
	}
	return cmd
}

func newVoid(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "void",
		Short: "Take the day's last payment back",
		Long: `void takes the last payment back as if it had never been, until the day is closed. An older
payment, or one of which a part was given back, is refunded: tapbench terminal refund.

If the TSM doesn't answer, the payment is taken back before the next one.`,
		Example: `  tapbench terminal void
  tapbench terminal void --json`,
		Args: shell.NoArgs,
	}
	o := pos.AddFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return act(cmd.Context(), a, *o, shop.Order{Act: shop.Void})
	}
	return cmd
}

func newClose(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "close",
		Short: "Close the day: compare its totals with the TSM's",
		Long: `close finishes what is open, sends the TSM the counts and sums of payments, reversals and
refunds since the day was closed last, and prints them. The TSM compares them with its own. The day
is closed whether they agree or not; if they don't, both are printed and the exit code is 4.

A day is closed once: if the TSM's answer is lost, the next command sends the same close again.`,
		Example: `  tapbench terminal close
  tapbench terminal close --json`,
		Args: shell.NoArgs,
	}
	o := pos.AddFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return act(cmd.Context(), a, *o, shop.Order{Act: shop.Close})
	}
	return cmd
}

// noCards is the reader of a command that needs none.
func noCards(context.Context) (pcsc.Card, error) { return nil, pcsc.ErrNoReader }

// act carries out one order that needs no card, and prints what came of it.
func act(ctx context.Context, a *shell.App, o pos.Flags, order shop.Order) error {
	event, err := turn(ctx, a, o, noCards, order)
	if err != nil {
		return err
	}
	return printOutcome(a, event)
}

// turn carries out one order.
func turn(
	ctx context.Context, a *shell.App, o pos.Flags, cards terminal.CardSourceFunc, order shop.Order,
) (shop.Event, error) {
	return observedTurn(ctx, a, o, cards, order, func(kernel.Step) {})
}

// observedTurn carries out one order, and tells each step of a payment.
func observedTurn(
	ctx context.Context, a *shell.App, o pos.Flags, cards terminal.CardSourceFunc, order shop.Order,
	observe func(kernel.Step),
) (event shop.Event, err error) {
	config, stop, err := pos.Config(a, o)
	if err != nil {
		return event, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	config.Cards = cards
	config.Observe = func(s kernel.Step) {
		observe(s)
		if !a.JSON && s.Err == nil {
			a.Say("  %-22s %2d APDUs %8.2f ms", s.Name, s.APDUs, shell.Milliseconds(s.Duration))
		}
	}
	s, err := shop.Open(config, func(e shop.Event) { sayEvent(a, e) })
	if err != nil {
		return event, err
	}
	return s.Turn(ctx, order)
}

// sayEvent writes what happens on the way to a result to standard error.
func sayEvent(a *shell.App, e shop.Event) {
	if text := progress(e); text != "" && !a.JSON {
		a.Say("%s", text)
	}
}

// progress returns an event as a line, or nothing for one that is a result.
func progress(e shop.Event) string {
	switch e.Kind {
	case shop.Tap:
		return "tap: " + e.Amount.Currency().Code() + " " + e.Amount.Decimal()
	case shop.Hold:
		return "hold still"
	case shop.Remove:
		return "remove the card"
	case shop.Recovered:
		return recoveredText(e)
	case shop.Offline:
		return "the TSM isn't there: " + e.Error
	case shop.Online:
		return "the TSM is there"
	case shop.Ready, shop.Result, shop.Closed, shop.Failed:
		return ""
	default:
		return ""
	}
}

// recoveredText says what was finished of an earlier run.
func recoveredText(e shop.Event) string {
	switch {
	case e.Receipt != nil && e.Receipt.Kind == terminal.KindPayment:
		return fmt.Sprintf("taken offline at %s, when its receipt was lost: %s %s. It is paid",
			e.Receipt.Time.Format("15:04:05"), e.Receipt.Amount.Currency().Code(),
			e.Receipt.Amount.Decimal())
	case e.Receipt != nil:
		return fmt.Sprintf("finished an earlier refund of %s: %s", e.Receipt.Original, e.Receipt.Result)
	case e.Day != nil:
		return "finished closing an earlier day"
	default:
		return fmt.Sprintf("reversed earlier payments: %d", e.Reversed)
	}
}

// printOutcome prints the result of an order.
func printOutcome(a *shell.App, e shop.Event) error {
	switch {
	case e.Receipt != nil:
		err := a.Print(e.Receipt, func(w io.Writer) { _, _ = fmt.Fprint(w, e.Receipt) })
		if err == nil && !e.Receipt.Approved() {
			err = shell.ErrDeclined
		}
		return err
	case e.Day != nil:
		err := a.Print(e.Day, func(w io.Writer) { _, _ = fmt.Fprint(w, e.Day) })
		if err == nil && !e.Day.Balanced {
			err = shell.ErrUnbalanced
		}
		return err
	default:
		return nil
	}
}
