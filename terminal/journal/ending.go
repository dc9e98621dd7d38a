package journal

import (
	"slices"

	"tapbench/backend/acquirer"
)

// Clear forgets a payment that has ended with nothing booked: declined, or never sent. When it
// fails the payment stays, and will be reversed.
func (j *Journal) Clear(e Entry) error {
	next, err := j.state.without(e)
	if err != nil {
		return err
	}
	return j.commit(next)
}

// Approve counts a payment that has ended with a TC, remembers it as the last one, and keeps its
// advice until the TSM has heard it. When it fails the payment stays, and will be reversed.
func (j *Journal) Approve(e Entry, rrn string, c acquirer.Completion) error {
	next, err := j.state.without(e)
	if err != nil {
		return err
	}
	p := Payment{Key: e.Key, Amount: e.Amount, RRN: rrn}
	next.totals.Payments.Add(e.Amount)
	next.currency, next.last = e.Amount.Currency(), &p
	next.advices = append(slices.Clone(next.advices), Advice{Payment: p, Completion: c})
	return j.commit(next)
}

// Reversed forgets a payment whose reversal the TSM has confirmed, and counts it if it was booked:
// as a payment, unless it was before, and as a reversal.
func (j *Journal) Reversed(e Entry, booked bool) error {
	next, err := j.state.without(e)
	if err != nil {
		return err
	}
	if booked {
		if !e.Completed {
			next.totals.Payments.Add(e.Amount)
		}
		next.totals.Reversals.Add(e.Amount)
		next.currency = e.Amount.Currency()
	}
	return j.commit(next)
}

// Void puts the day's last payment among those that are to be reversed, with its advice forgotten.
func (j *Journal) Void() (Entry, error) {
	next := j.state
	switch {
	case next.refund != nil || next.closing != nil || len(next.pending) > 0:
		return Entry{}, ErrUnfinished
	case next.last == nil:
		return Entry{}, ErrNothingToVoid
	}
	e := Entry{Key: next.last.Key, Amount: next.last.Amount, Completed: true}
	next.pending = []Entry{e}
	next.advices = withoutAdvice(next.advices, e.Key)
	next.last = nil
	return e, j.commit(next)
}

// without returns the state without a payment that hasn't ended.
func (s state) without(e Entry) (state, error) {
	i := slices.Index(s.pending, e)
	if i < 0 {
		return s, ErrUnknownEntry
	}
	s.pending = slices.Delete(slices.Clone(s.pending), i, i+1)
	return s, nil
}

// Advised forgets an advice that the TSM has answered.
func (j *Journal) Advised(payment acquirer.Key) error {
	next := j.state
	next.advices = withoutAdvice(next.advices, payment)
	return j.commit(next)
}

func withoutAdvice(advices []Advice, payment acquirer.Key) []Advice {
	return slices.DeleteFunc(slices.Clone(advices), func(a Advice) bool { return a.Key == payment })
}

// BeginRefund keeps a refund before the TSM is asked for it, under the number of its message. It
// stays until it has an answer.
func (j *Journal) BeginRefund(refund func(stan uint32) Refund) (Refund, error) {
	if j.state.refund != nil || j.state.closing != nil || len(j.state.pending) > 0 {
		return Refund{}, ErrUnfinished
	}
	next, err := j.state.number(reserved)
	if err != nil {
		return Refund{}, err
	}
	r := refund(next.stan)
	next.refund = &r
	return r, j.commit(next)
}

// EndRefund forgets the refund, and counts it if it was approved. The payment that it was of can't
// be voided then.
func (j *Journal) EndRefund(approved bool) error {
	next := j.state
	r := next.refund
	if r == nil {
		return ErrUnknownEntry
	}
	next.refund = nil
	if approved {
		next.totals.Refunds.Add(r.Amount)
		next.currency = r.Amount.Currency()
		if next.last != nil && next.last.Key == r.Payment.Key {
			next.last = nil
		}
	}
	return j.commit(next)
}

// BeginClose keeps the close of a day before the TSM is asked for it, under the number of its
// message and with the day's totals. Nothing else begins before it has an answer.
func (j *Journal) BeginClose(closing func(stan uint32) Closing) (Closing, error) {
	if j.state.refund != nil || j.state.closing != nil || len(j.state.pending) > 0 {
		return Closing{}, ErrUnfinished
	}
	next, err := j.state.number(0)
	if err != nil {
		return Closing{}, err
	}
	c := closing(next.stan)
	c.Totals = next.totals
	if next.currency != 0 {
		c.Currency = next.currency
	}
	next.closing = &c
	return c, j.commit(next)
}

// EndClose forgets the close and begins the next day, unless the day wasn't closed.
func (j *Journal) EndClose(closed bool) error {
	next := j.state
	if next.closing == nil {
		return ErrUnknownEntry
	}
	next.closing = nil
	if closed {
		next.totals, next.currency, next.first, next.last = acquirer.Totals{}, 0, 0, nil
	}
	return j.commit(next)
}
