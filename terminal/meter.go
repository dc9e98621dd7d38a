package terminal

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/wire"
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
	// Next waits until the next unit is wanted, and reports whether one is.
	Next func(ctx context.Context) bool
	// Ticked, if set, is told of each unit that is paid: now it may be delivered.
	Ticked func(ticks int)
}

// Meter has a card pay by the tick until no more units are wanted, all are used, the card is taken
// away for good or ctx is done; what was ticked is the merchant's in each case. A card that was
// taken away is waited for again, as often as it answers.
func (p *POS) Meter(ctx context.Context, m Meter) (Receipt, error) {
	if p.config.Offline == nil {
		return Receipt{}, ErrNoOffline
	}
	if err := p.takes(m.Max); err != nil {
		return Receipt{}, err
	}
	unit := m.Unit.Uint64()
	if unit > 255 {
		return Receipt{}, fmt.Errorf("%w: ticks of %s", offline.ErrRequest, m.Unit)
	}
	terms, err := p.kernel.NewTerms(m.Max, uint8(unit))
	if err != nil {
		return Receipt{}, err
	}
	run := &metering{POS: p, Meter: m, terms: terms}
	var out kernel.OfflineOutcome
	for {
		out, err = run.tap(ctx)
		if !run.again(ctx, out, err) {
			break
		}
		p.config.Log.Info().Err(err).Int("ticks", run.ticks()).
			Msg("the card is away: waiting for it again")
	}
	return run.end(out, err)
}

// metering is a meter at work, over the taps of one card.
type metering struct {
	*POS
	Meter
	terms    kernel.Terms
	metering *kernel.Metering // the last tap's
	taps     int
}

func (r *metering) ticks() int {
	if r.metering == nil {
		return 0
	}
	return r.metering.Ticks()
}

// tap takes units from the card that comes next, until something ends it.
func (r *metering) tap(ctx context.Context) (kernel.OfflineOutcome, error) {
	r.taps++
	card, err := r.config.Cards.WaitCard(ctx)
	if err != nil {
		return kernel.OfflineOutcome{}, fmt.Errorf("waiting for a card: %w", err)
	}
	defer func() { _ = card.Close() }() // it is done with, whatever happens
	m, out, err := r.taker().Meter(ctx, card, r.terms, r.metering)
	if err != nil || out.Result == kernel.Declined {
		return out, err
	}
	r.metering = m
	for m.Left() > 0 && r.Next(ctx) {
		if err := m.Tick(ctx); err != nil {
			return out, err
		}
		if r.Ticked != nil {
			r.Ticked(m.Ticks())
		}
	}
	return m.Stop(context.WithoutCancel(ctx)), nil
}

// again says whether a tap broke off so that the card would go on with it.
func (r *metering) again(ctx context.Context, out kernel.OfflineOutcome, err error) bool {
	return ctx.Err() == nil && r.taps < wire.TapTries && again(out, err)
}

// end returns the receipt of what was ticked, however the metering has ended.
func (r *metering) end(out kernel.OfflineOutcome, err error) (Receipt, error) {
	terms := r.terms
	if ticks := r.ticks(); ticks > 0 {
		amount, wrong := money.New(r.Unit.Minor()*int64(ticks), r.Unit.Currency())
		if wrong != nil {
			return Receipt{}, wrong
		}
		terms.Amount = amount
		if out.Result != kernel.Approved { // it broke off: the card got no receipt
			out = r.metering.Outcome()
			r.config.Log.Warn().Err(err).Int("ticks", ticks).Msg("metering broke off")
			err = nil
		}
	}
	receipt := r.offlineReceipt(terms, out)
	if err == nil && receipt.Approved() {
		err = r.saveOffline(&receipt)
	}
	r.log(receipt, err)
	return receipt, err
}
