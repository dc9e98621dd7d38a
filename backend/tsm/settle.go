package tsm

import "context"

// Settled is what a settlement has done.
type Settled struct {
	Swept     Swept
	Draws     []Drawing
	Reclaimed Reclaimed
	Payouts   []Payout
	Returns   []Batch
}

// Settle does what is due between TSM, banks and merchants: fundings whose answer was lost are
// asked for again; whole lots are drawn, once in a slot; tokens whose grace is over are reclaimed;
// merchants are paid for their closed days; what is left of accounts that are over goes back. All
// of it can be broken off anywhere and done again. It is for the start and for a timer.
func (t *TSM) Settle(ctx context.Context) (Settled, error) {
	var s Settled
	var err error
	if s.Swept, err = t.Sweep(ctx); err != nil {
		return s, err
	}
	if s.Draws, err = t.draw(ctx); err != nil {
		return s, err
	}
	if s.Reclaimed, err = t.Reclaim(ctx); err != nil {
		return s, err
	}
	if s.Payouts, err = t.payOut(ctx); err != nil {
		return s, err
	}
	s.Returns, err = t.Return(ctx)
	return s, err
}
