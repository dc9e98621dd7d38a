package kernel

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/offline"
)

// Metering is a card that pays by the tick: it has signed one commitment and shows one chain value
// for each unit. It is for one goroutine.
type Metering struct {
	tap   *offlineTap
	meter *offline.Metering
}

// Meter takes a commitment from a card that has just been connected: terms with a unit. Nothing is
// paid until the first tick. Errors and declines are those of [Offline.Pay]; the metering is nil
// beside either. A tap that broke off may be taken again on the same terms, and the ticks go on
// where they were: of resumes is what the earlier tap had come to, or nil.
func (o Offline) Meter(
	ctx context.Context, card pcsc.Card, terms Terms, resumes *Metering,
) (*Metering, OfflineOutcome, error) {
	if terms.Unit == 0 {
		return nil, OfflineOutcome{}, fmt.Errorf("%w: no unit to meter by", ErrConfig)
	}
	if resumes != nil {
		terms.Near = resumes.tap.outcome.Near
	}
	t, err := o.begin(card, terms)
	if err != nil {
		return nil, OfflineOutcome{}, err
	}
	m := &Metering{tap: t}
	if resumes != nil {
		m.meter = resumes.meter
	}
	err = t.run(ctx, m.verify)
	if err != nil || t.outcome.Result == Declined {
		return nil, t.outcome, err
	}
	return m, t.outcome, nil
}

// verify judges the commitment, or that it is the one that is resumed.
func (m *Metering) verify() error {
	if m.meter != nil {
		return m.meter.Resumes(m.tap.answer)
	}
	var err error
	m.meter, err = m.tap.o.Verifier.Metering(m.tap.request, m.tap.answer)
	return err
}

// Left returns how many units can still tick.
func (m *Metering) Left() int { return m.meter.Interval().Units() - m.meter.Ticks() }

// Ticks returns how many units are paid.
func (m *Metering) Ticks() int { return m.meter.Ticks() }

// Tick has the card pay one more unit, verifies it and keeps the claim: when it returns nil the
// unit is the merchant's, and may be delivered. It returns [offline.ErrTicksEnd] when all units are
// used, [offline.ErrTick] for a wrong value, and what Keep returned; the metering is as it was
// then, and asked again a card answers the same.
func (m *Metering) Tick(ctx context.Context) error {
	k, ok := m.meter.Next()
	if !ok {
		return fmt.Errorf("%w: %d ticks", offline.ErrTicksEnd, m.meter.Ticks())
	}
	return m.tap.step(StepTick, func() error {
		raw, err := m.tap.exchange(ctx, apdu.Command{
			CLA: byte(wire.CLAProprietary), INS: byte(wire.InsTick), P1: k, Ne: apdu.MaxShortNe,
		})
		if err != nil {
			return err
		}
		if len(raw) != wire.HashLen {
			return badData(fmt.Errorf("a tick of %d bytes, want %d", len(raw), wire.HashLen))
		}
		before := *m.meter
		if err := m.meter.Tick(message.Hash(raw)); err != nil {
			return err
		}
		claim := m.meter.Claim()
		if err := m.tap.o.Keep(Claim{Meter: &claim}); err != nil {
			*m.meter = before
			return fmt.Errorf("keeping a tick: %w", err)
		}
		return nil
	})
}

// Outcome returns what the metering has come to: approved, with the units that were ticked, or
// declined with [ErrNothingTicked].
func (m *Metering) Outcome() OfflineOutcome {
	out := m.tap.outcome
	if m.meter.Ticks() == 0 {
		out.Result, out.Refused = Declined, ErrNothingTicked
		return out
	}
	claim := m.meter.Claim()
	out.Result, out.Key, out.To, out.Claim.Meter = Approved, m.meter.Key(), claim.To, &claim
	return out
}

// Stop ends the metering: the card gets a receipt for what was ticked, if anything was, also when
// ctx is done.
func (m *Metering) Stop(ctx context.Context) OfflineOutcome {
	m.tap.outcome = m.Outcome()
	if m.tap.outcome.Result == Approved {
		m.tap.giveReceipt(ctx, m.meter.Receipt)
	}
	return m.tap.outcome
}
