package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
)

// outcomeApproved is a payment's outcome when the merchant is paid.
const outcomeApproved = "approved"

// posFlags is the demo's point of sale.
func (d *demoRun) posFlags() pos.Flags {
	return pos.Flags{
		Keys: filepath.Join(d.keys, "merchant"), Folder: filepath.Join(d.dir, "terminal"),
		Acquirer: d.backend.TSM.Acquirer, TSM: "tsm", Terminal: "POS00001",
		Received: d.heard[string(pki.RoleMerchant)],
	}
}

// pay is the payments of a demo, each armed by the wallet and taken by the POS.
func (d *demoRun) pay(ctx context.Context) error {
	t := &tapTimeline{demoRun: d}
	flags := d.posFlags()
	flags.Exchanged = func(_ string, sent, received int) { t.exchange += sent + received }
	if d.o.offline != "" {
		flags.Offline = pos.OfflineFlags{Mode: string(terminal.OfflineAuto), Floor: d.o.amount}
	}
	pos, stop, err := pos.Open(d.App, flags, t.connect, t.observe)
	if err != nil {
		return err
	}
	for i := range d.o.payments {
		if err = d.payOnce(ctx, pos, t, i+1); err != nil {
			break
		}
	}
	return errors.Join(err, stop())
}

func (d *demoRun) payOnce(ctx context.Context, pos *terminal.POS, t *tapTimeline, n int) error {
	p, err := d.openPhone(ctx, false)
	if err != nil {
		return err
	}
	d.time.begin(fmt.Sprintf("phase 5: %s %d of %d, %s EUR", d.o.paymentName(), n, d.o.payments,
		d.o.amount), p.Counter)
	err = phone.Arm(ctx, p, phone.ArmOptions{Amount: d.o.amount, Mutual: d.o.offline == offlineMutual})
	if err := errors.Join(err, p.Close()); err != nil {
		return err
	}
	start := time.Now()
	receipt, err := takePayment(ctx, pos, d.o.amount)
	if err != nil {
		return fmt.Errorf("paying: %w", err)
	}
	d.result.Payments = append(d.result.Payments, payment{
		Amount: receipt.Amount.Decimal(), Currency: receipt.Amount.Currency().Code(),
		Outcome: receipt.Result.String(), APDUs: t.card.APDUs, MS: shell.Milliseconds(time.Since(start)),
	})
	if d.time.out != nil {
		_, _ = fmt.Fprintf(d.time.out, "\n%s\n", shell.Indent(receipt.String()))
	}
	return nil
}

// tapTimeline turns the kernel's steps into rows of the demo's timeline.
type tapTimeline struct {
	*demoRun
	card     *pcsc.Counter
	exchange int // bytes of the ISO 8583 exchange
}

// connect connects the POS to the card.
func (t *tapTimeline) connect(ctx context.Context) (pcsc.Card, error) {
	card, err := t.demoRun.card(ctx)
	if err != nil {
		return nil, err
	}
	if card, err = t.report.record(card); err != nil {
		return nil, err
	}
	t.card = pcsc.NewCounter(phone.OverheardCard{Card: card, To: t.heard[string(pki.RoleMerchant)]})
	t.time.card, t.time.apdus = t.card, 0
	return t.card, nil
}

// observe adds a step: what happens between POS and card, and between POS and TSM.
func (t *tapTimeline) observe(s kernel.Step) {
	if s.Err != nil {
		return
	}
	to, bytes := "SE", s.Sent+s.Received
	switch s.Name {
	case kernel.StepAuthenticate, kernel.StepVerify, kernel.StepKeep:
		to = "POS"
	case kernel.StepAuthorise:
		to, bytes, t.exchange = "TSM", t.exchange, 0
	}
	t.time.add(s.Name, "POS", to, bytes)
}

// takePayment is what the demo does.
func takePayment(
	ctx context.Context, pos *terminal.POS, text string,
) (terminal.Receipt, error) {
	amount, err := shell.ParseAmount("--amount", text)
	if err != nil {
		return terminal.Receipt{}, err
	}
	return pos.Pay(ctx, amount)
}
