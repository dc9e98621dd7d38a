package general

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// manageRisk is the terminal risk management (EMV 4.3 Book 3, 10.6), whether the AIP asks for it
// or not (EMV 4.4, which has specification bulletin 260 in it), and the exception file (Book 4,
// 6.3.5).
func (t *transaction) manageRisk(ctx context.Context) error {
	if f := t.config.Exception; f != nil && f(t.out.PAN.Reveal(), t.out.Sequence) {
		t.mark(rules.OnExceptionFile, clause.Exception, "card is on the terminal's exception file")
	}
	if t.Online {
		t.mark(rules.MerchantOnline, clause.Risk, "merchant forced the transaction online")
	}
	if t.fast != nil {
		return nil // the card has decided with what 9F66 told it
	}
	trail := &outcome.RiskTrail{
		Sums:   rules.Sums{Amount: t.Amount + t.Cashback},
		Limits: t.application.Limits,
	}
	if t.config.Terminal.reach() != rules.Either {
		trail.Limits.Percent, trail.Limits.Most = 0, 0 // a terminal without a choice draws no lots
	}
	if f := t.config.Before; f != nil {
		trail.Sums.Before = f(t.out.PAN.Reveal(), t.out.Sequence)
	}
	var err error
	if trail.Random, err = t.drawPercent(); err != nil {
		return err
	}
	if trail.History, err = t.history(ctx); err != nil {
		return err
	}
	t.out.Trail.Risk = trail
	t.join(rules.Risk(trail.Sums, trail.Limits, trail.History, trail.Random), clause.Risk)
	t.out.TSI.Set(rules.DidTerminalRisk)
	return nil
}

// drawPercent draws a number from 1 to 99, each as likely as the others (10.6.2).
func (t *transaction) drawPercent() (int, error) {
	const most, fair = 99, 198 // the largest multiple that a byte holds
	var b [1]byte
	for range 256 {
		if _, err := io.ReadFull(t.config.Rand, b[:]); err != nil {
			return 0, fmt.Errorf("drawing for random selection: %w", err)
		}
		if b[0] < fair {
			return int(b[0])%most + 1, nil
		}
	}
	return 1, nil // a source that is stuck: the transaction goes online rather than not
}

// history asks the card for its counters, if it has both limits (10.6.3).
func (t *transaction) history(ctx context.Context) (rules.History, error) {
	h := rules.History{Lower: t.data.Lower, Upper: t.data.Upper}
	if h.Lower == nil || h.Upper == nil {
		return h, nil
	}
	for _, c := range []struct {
		tag  tlv.Tag
		into **uint16
	}{{emv.TagATC, &h.Counter}, {emv.TagLastOnline, &h.LastOnline}} {
		value, err := t.cardCounter(ctx, c.tag, 2)
		if err != nil {
			return h, err
		}
		if value != nil {
			n := binary.BigEndian.Uint16(value)
			*c.into = &n
		}
	}
	return h, nil
}

// cardCounter is one counter of the card's, by GET DATA; nil: the card doesn't answer it. One of
// another length terminates (7.5).
func (t *transaction) cardCounter(ctx context.Context, tag tlv.Tag, n int) ([]byte, error) {
	response, err := t.ask(ctx, getData(tag))
	if err != nil {
		return nil, err
	}
	got, value, err := emv.Template(response.Data)
	switch {
	case !entry.Normal(response), len(response.Data) == 0, err == nil && got != tag:
		t.note(clause.GetData, "GET DATA gave no "+emv.Describe(tag)+": "+response.SW.String())
		return nil, nil //nolint:nilnil // the card has no such counter
	case err != nil:
		return nil, outcome.Terminated(clause.Erroneous, "answer to GET DATA is malformed", err)
	case len(value) != n:
		return nil, outcome.Terminatedf(clause.Erroneous, "%s has %d bytes, want %d",
			emv.Describe(tag), len(value), n)
	}
	t.objects.Set(tag, value)
	return value, nil
}
