package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/dispute"
	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/report"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/shop"
)

// payOptions are what "terminal pay" was told.
type payOptions struct {
	pos              *pos.Flags
	emv              *emvFlags
	reader           *device.ReaderFlag
	amount, evidence string
	wait             time.Duration
	explain          bool
	page             string // where the explanation goes as a page
	emvFirst         bool   // see what card it is before anything else
}

func newPay(a *shell.App) *cobra.Command {
	var o payOptions
	cmd := &cobra.Command{
		Use:   "pay",
		Short: "Take one payment from the card on the reader",
		Long: `pay waits for a card on the reader, takes an amount from it online, and prints a receipt.
What broke off earlier is reversed first: a payment is written down in --folder before the TSM is
asked, so that a power cut loses nothing. It is one turn of "terminal run".

If the TSM can't be reached and the amount is at most --floor, the card pays by an offline token,
which the terminal judges alone. Its claim is kept in --folder until "terminal settle".

The card answers only if its wallet has armed it: tapbench wallet arm. Before it shows itself the
terminal measures how fast it answers: one whose answers come from somewhere else is declined
(docs/relay.md).

Any other EMV card is taken by the book (docs/emv-terminal.md). Its certificates are checked with
--ca-keys; a test issuer (--issuer) authorises, and without one the terminal is offline only. What
the terminal is comes from --terminal-config. No ledger knows such payments: they are for tests of
cards and terminals, and move no money. Where one of these flags is given, or where there is no
merchant's folder, the card is asked first which application it has.

--explain says what was decided in each step, why, and by which clause; --explain-page writes that
as a page. PINs are never printed and never recorded.`,
		Example: `  tapbench terminal pay --amount 12.50 --acquirer 127.0.0.1:8583
  tapbench terminal pay --amount 12.50 --reader ACS --json
  tapbench terminal pay --amount 12.50 --ca-keys ca.txt --issuer issuer.json --explain
  echo 1234 | tapbench terminal pay --amount 12.50 --ca-keys ca.txt --pin stdin`,
		Args: shell.NoArgs,
	}
	o.reader = device.AddReader(a, cmd)
	o.pos = pos.AddFlags(cmd)
	o.emv = addEMVFlags(cmd)
	f := cmd.Flags()
	o.pos.Offline.Add(cmd, f)
	pos.AddRelayFlags(a, &o.pos.Relay, cmd, f)
	f.StringVar(&o.amount, "amount", "", "what to take, in EUR (or the parameters' currency), "+
		"such as 12.50")
	f.DurationVar(&o.wait, "wait", 30*time.Second, "how long to wait for a card")
	f.StringVar(&o.evidence, "evidence", "", "write the merchant's proof of the payment to this `file`")
	f.BoolVar(&o.explain, "explain", false, "say what was decided in each step, and by which clause")
	f.StringVar(&o.page, "explain-page", "", "write the explanation to this `file`, as an HTML page")
	_ = cmd.MarkFlagRequired("amount")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := o.check(); err != nil {
			return err
		}
		_, err := os.Stat(o.pos.Keys)
		absent := errors.Is(err, fs.ErrNotExist) && !cmd.Flags().Changed("keys")
		o.emvFirst = o.emv.given(cmd) || absent
		if o.emv.relay, err = pos.RelayPolicy(a, o.pos.Relay); err != nil {
			return err
		}
		if !cmd.Flags().Changed("relay") {
			o.emv.relay.Mode = relay.On // cards that can't are nothing out of the ordinary
		}
		return pay(cmd.Context(), a, &o)
	}
	return cmd
}

// check refuses, before anything is done, what can't be.
func (o *payOptions) check() error {
	for _, path := range []string{o.evidence, o.page} {
		if path == "" {
			continue
		}
		if err := shell.CheckOutput(path, o.reader.Record.Force); err != nil {
			return err
		}
	}
	if o.wait <= 0 {
		return shell.Usagef("--wait is longer than nothing")
	}
	_, _, _, err := o.pos.Offline.Parse() // also for a card that doesn't pay by token
	return err
}

// pay takes a payment by the kernel that the card is for.
func pay(ctx context.Context, a *shell.App, o *payOptions) error {
	if !o.emvFirst {
		err := payOwn(ctx, a, o, o.reader.Cards(o.wait))
		if !errors.Is(err, kernel.ErrNoApplication) {
			return err
		}
		a.Say("%v: taking it as any other EMV card", err)
	}
	t, err := openEMV(a, o.emv)
	if err != nil {
		return err
	}
	card, err := o.reader.Cards(o.wait)(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = card.Close() }()
	if o.emvFirst {
		own, err := t.isOwn(ctx, card)
		if err != nil {
			return err
		}
		if own {
			return payOwn(ctx, a, o, func(context.Context) (pcsc.Card, error) { return card, nil })
		}
	}
	return payEMV(ctx, a, o, t, card)
}

// payOwn takes a payment from one of tapbench's anonymous cards.
func payOwn(ctx context.Context, a *shell.App, o *payOptions, cards terminal.CardSourceFunc) error {
	amount, err := shell.ParseAmount("--amount", o.amount)
	if err != nil {
		return err
	}
	order := shop.Order{Act: shop.Pay, Amount: amount}
	var steps []kernel.Step
	began := time.Now()
	event, err := observedTurn(ctx, a, *o.pos, cards, order, func(s kernel.Step) {
		steps = append(steps, s)
	})
	if err != nil {
		if len(steps) > 0 && !errors.Is(err, kernel.ErrNoApplication) {
			r := terminal.Receipt{Kind: terminal.KindPayment, Amount: amount, Time: began}
			err = errors.Join(err, explainFailure(a, o, r, explain.OfTap(tapOf(r, steps), err)))
		}
		return err
	}
	if r := event.Receipt; o.evidence != "" && r != nil && r.Evidence != nil && r.Approved() {
		file := dispute.File{Subject: r.Evidence}
		if err := a.WriteFile(o.evidence, o.reader.Record.Force, file.Write); err != nil {
			return err
		}
	}
	if event.Receipt == nil {
		return printOutcome(a, event)
	}
	e := explain.OfTap(tapOf(*event.Receipt, steps), nil)
	if err := writePage(a, o, e); err != nil {
		return err
	}
	if !o.explain {
		return printOutcome(a, event)
	}
	if err := printResult(a, emvResult{Receipt: *event.Receipt, Explanation: &e}); err != nil {
		return err
	}
	return declinedUnless(event.Receipt.Approved())
}

// tapOf is what a receipt and the steps say of a payment.
func tapOf(r terminal.Receipt, steps []kernel.Step) explain.Tap {
	tap := explain.Tap{
		Steps: steps, Result: r.Result, Reason: r.Reason, Time: r.Time, Amount: r.Amount, AID: r.AID,
		Label: r.Label, PAN: r.PAN, Cryptogram: r.Cryptogram, Code: r.Code, Offline: r.Offline != nil,
	}
	if len(steps) > 0 && steps[0].Name != kernel.StepPPSE {
		tap.Offline = true
	}
	return tap
}

// payEMV takes a payment from any other EMV card.
func payEMV(
	ctx context.Context, a *shell.App, o *payOptions, t *emvTerminal, card pcsc.Card,
) error {
	p, amount, err := t.purchase(o)
	if err != nil {
		return err
	}
	if o.evidence != "" {
		return shell.Usagef("--evidence: a payment by this card has no proof, which only " +
			"the bench's own cards give; leave it out")
	}
	if t.host == nil {
		a.Say("no issuer is named (--issuer): the terminal is offline only")
	}
	p.Observe = func(s general.Step) {
		if !a.JSON && s.Err == nil && s.APDUs > 0 {
			a.Say("  %-30s %2d APDUs %8.2f ms", s.Name, s.APDUs, shell.Milliseconds(s.Duration))
		}
	}
	out, err := t.kernel.Pay(ctx, card, t.host, p)
	if t.answer != "" {
		a.Say("issuer: %s", t.answer)
	}
	r := terminal.EMVReceipt(out, t.config.Terminal, amount)
	if err != nil {
		return errors.Join(err, explainFailure(a, o, r, explain.Of(out, err)))
	}
	if err := printEMV(a, o, out, r); err != nil {
		return err
	}
	return declinedUnless(r.Approved())
}

// purchase reads the amounts, in the terminal's currency.
func (t *emvTerminal) purchase(o *payOptions) (general.Purchase, money.Amount, error) {
	p := general.Purchase{Type: general.Goods, Online: o.emv.online}
	currency, err := money.ParseN3(t.config.Terminal.Currency)
	if err != nil {
		return p, money.Amount{}, shell.Usagef("--terminal-config: currency: %w", err)
	}
	amount, err := money.Parse(o.amount, currency)
	if err != nil {
		return p, amount, shell.Usagef("--amount: %w", err)
	}
	p.Amount = amount.Uint64()
	if o.emv.cashback == "" {
		return p, amount, nil
	}
	paidOut, err := money.Parse(o.emv.cashback, currency)
	if err != nil {
		return p, amount, shell.Usagef("--cashback: %w", err)
	}
	p.Cashback, p.Type = paidOut.Uint64(), general.WithCashback
	amount, err = amount.Add(paidOut)
	return p, amount, err
}

// emvResult is what --json prints of a payment by another EMV card, and with --explain of any.
type emvResult struct {
	terminal.Receipt
	Signature   bool                 `json:"signature,omitempty"`
	Reversal    bool                 `json:"reversal,omitempty"`
	Explanation *explain.Explanation `json:"explanation,omitempty"`
}

func printEMV(a *shell.App, o *payOptions, out outcome.Outcome, r terminal.Receipt) error {
	result := emvResult{
		Receipt: r, Signature: out.Signature && r.Approved(), Reversal: out.Reversal,
	}
	e := explain.Of(out, nil)
	if o.explain {
		result.Explanation = &e
	}
	return errors.Join(printResult(a, result), writePage(a, o, e))
}

// explainFailure explains a payment that came to no end, if that was asked for.
func explainFailure(
	a *shell.App, o *payOptions, r terminal.Receipt, e explain.Explanation,
) error {
	err := writePage(a, o, e)
	if o.explain {
		err = errors.Join(err, printResult(a, emvResult{Receipt: r, Explanation: &e}))
	}
	return err
}

// writePage writes the explanation as a page, if that was asked for.
func writePage(a *shell.App, o *payOptions, e explain.Explanation) error {
	if o.page == "" {
		return nil
	}
	page := report.EMV{Version: a.Version, Explanation: e}
	return a.WriteFile(o.page, o.reader.Record.Force, page.Write)
}

// printResult prints a receipt, and the explanation below it.
func printResult(a *shell.App, result emvResult) error {
	var writing error
	err := a.Print(result, func(w io.Writer) {
		if result.Result != kernel.Unfinished {
			_, _ = fmt.Fprint(w, result.Receipt)
			if result.Signature {
				_, _ = fmt.Fprintln(w, "\nSIGNATURE  _____________________________")
			}
		}
		if result.Explanation != nil {
			if result.Result != kernel.Unfinished {
				_, _ = fmt.Fprintln(w)
			}
			writing = result.Explanation.Write(w)
		}
	})
	return errors.Join(err, writing)
}

// declinedUnless is ErrDeclined, unless a payment was approved.
func declinedUnless(approved bool) error {
	if approved {
		return nil
	}
	return shell.ErrDeclined
}
