package general

import (
	"context"
	"fmt"

	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// secondCryptogram brings the decision to the card (EMV 4.3 Book 3, 10.11). Only the card's TC
// makes the payment.
func (t *transaction) secondCryptogram(ctx context.Context) error {
	if t.endsFirst() {
		t.completeWithout()
		return nil
	}
	ask := t.out.Final
	combined := t.combines(ask)
	t.auth.combined = nil
	c, err := t.generate(ctx, ask, combined, true)
	t.out.Second = c
	if err != nil {
		return err
	}
	if c.ATC != t.out.First.ATC {
		return outcome.Terminatedf(clause.Completion,
			"second cryptogram is %s of transaction %d, the first was of %d",
			c.Kind(), c.ATC, t.out.First.ATC)
	}
	allowed := c.Kind() == ask || c.Kind() == rules.Decline
	if allowed {
		t.combinedDone(c, combined)
	}
	if t.out.Unreachable && (!allowed || c.Kind() == rules.Decline || t.auth.combined != nil) {
		t.code("Z3")
	}
	why := t.out.Why
	switch {
	case !allowed:
		t.conclude(outcome.Declined, clause.CommandUse, fmt.Sprintf(
			"card answered %s to the last request, for %s, which counts as an AAC", c.Kind(), ask))
	case c.Kind() == rules.Decline && ask == rules.Approve:
		t.conclude(outcome.Declined, clause.Completion,
			"card declines: it answered an AAC to a request for a TC")
	case c.Kind() == rules.Decline:
		t.conclude(outcome.Declined, why.Clause, why.Text)
	case t.auth.combined != nil:
		t.conclude(outcome.Declined, clause.CDA, "card's signature beside its TC is wrong")
	default:
		t.conclude(outcome.Approved, why.Clause, why.Text)
	}
	return nil
}

// completeWithout ends a transaction whose card has done its part with the first cryptogram: the
// issuer's word decides.
func (t *transaction) completeWithout() {
	if t.out.Answer != nil && len(t.out.Answer.Scripts) > 0 {
		t.note(clause.Contactless, "issuer's scripts can't be brought to a card without CDOL2")
	}
	why := t.out.Why
	if t.out.Final == rules.Approve && !t.out.Unreachable {
		t.end(outcome.Approved, why.Clause, why.Text)
		return
	}
	if t.out.Unreachable {
		t.code("Z3")
		why.Text += "; the card can't approve afterwards: its part is done with the first cryptogram"
	}
	t.end(outcome.Declined, why.Clause, why.Text)
}

// conclude sets the result; scripts may still follow.
func (t *transaction) conclude(r outcome.Result, where, text string) {
	t.out.Result, t.out.Why = r, outcome.Reason{Text: text, Clause: where}
}
