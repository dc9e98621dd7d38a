package terminal

import (
	"context"
	"errors"
	"fmt"

	"tapbench/backend/money"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
)

// ErrNoOffline means that the terminal takes no payments by token: it has no merchant's key.
var ErrNoOffline = errors.New("this terminal takes no payments by token")

// Meter is a delivery that is paid by the tick: a charger, a washing machine.
type Meter struct {
	Max  money.Amount // the most that it may come to; a multiple of Unit
	Unit money.Amount // the price of one tick: 0.01, 0.05 or 0.50
	// Next waits until the next unit is wanted, and reports whether one is. It is asked once for each
	// unit, however often the card goes away within its tick.
	Next func(ctx context.Context) bool
	// Ticked, if set, is told of each unit that is paid, as soon as its claim is kept: now it may be
	// delivered.
	Ticked func(ticks int)
}

// Meter has a card pay by the tick until no more units are wanted, all are used, the card is taken
// away for good, ctx is done or a claim can't be kept; what was ticked is the merchant's in each
// case, and the receipt says how much that is. A card that was taken away is waited for again, as
// often as it answers. Nothing ticked is a receipt that says declined, or an error.
func (p *POS) Meter(ctx context.Context, m Meter) (Receipt, error) {
	if p.config.Offline == nil {
		return Receipt{}, ErrNoOffline
	}
	if err := p.takes(m.Max); err != nil {
		return Receipt{}, err
	}
	unit := m.Unit.Uint64()
	if unit == 0 || unit > 255 || m.Unit.Currency() != m.Max.Currency() {
		return Receipt{}, fmt.Errorf("%w: %s in ticks of %s", offline.ErrRequest, m.Max, m.Unit)
	}
	terms, err := p.kernel.NewTerms(m.Max, uint8(unit))
	if err != nil {
		return Receipt{}, err
	}
	run := &metering{POS: p, Meter: m, terms: terms}
	err = p.taps(func() (bool, error) {
		err := run.tap(ctx)
		return run.out.Shown, err
	})
	return run.end(err)
}

// metering is a meter at work, over the taps of one card.
type metering struct {
	*POS
	Meter
	terms    kernel.Terms
	metering *kernel.Metering      // the last tap's; nil: none has come so far
	out      kernel.OfflineOutcome // of the last tap
	wanted   bool                  // a unit that isn't ticked yet
}

// tap takes units from the card that comes next, until something ends it.
func (r *metering) tap(ctx context.Context) error {
	card, err := r.waitCard(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = card.Close() }() // it is done with, whatever happens
	m, out, err := r.taker().Meter(ctx, card, r.terms, r.metering)
	r.out, r.terms.Near = out, out.Near
	if err != nil || out.Result == kernel.Declined {
		return err
	}
	r.metering = m
	err = r.tick(ctx, m)
	if !brokeOff(err) { // the card is there, and is owed a receipt
		r.out = m.Stop(ctx)
	}
	return err
}

// tick takes units until no more are wanted or to be had.
func (r *metering) tick(ctx context.Context, m *kernel.Metering) error {
	for m.Left() > 0 {
		if r.wanted = r.wanted || r.Next(ctx); !r.wanted {
			return nil
		}
		if err := m.Tick(ctx); err != nil {
			return err
		}
		r.wanted = false
		if r.Ticked != nil {
			r.Ticked(m.Ticks())
		}
	}
	return nil
}

// end returns the receipt of what was ticked, however the metering has ended.
func (r *metering) end(err error) (Receipt, error) {
	terms := r.terms
	if r.metering != nil && r.metering.Ticks() > 0 {
		ticks := r.metering.Ticks()
		amount, wrong := money.New(r.Unit.Minor()*int64(ticks), r.Unit.Currency())
		if wrong != nil {
			return Receipt{}, wrong
		}
		terms.Amount = amount
		if r.out.Result != kernel.Approved { // the card got no receipt
			r.out = r.metering.Outcome()
		}
		if err != nil {
			r.config.Log.Warn().Err(err).Int("ticks", ticks).Msg("metering broke off: what was ticked is paid")
			err = nil
		}
	}
	receipt := r.offlineReceipt(terms, r.out)
	if receipt.Approved() {
		r.saveOffline(&receipt)
	}
	r.log(receipt, err)
	return receipt, err
}
