package payout_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/api"
	"tapbench/backend/payout"
)

// claim is a claim over units of 5, known by a number.
func claim(key byte, from, to, most uint8) payout.Claim {
	return payout.Claim{
		Key: message.Hash{key}, Unit: 5, To: to, Statement: token.Interval{From: from, To: most},
	}
}

// TestDecide: claims of one token, one after the other, and what the last one comes to.
func TestDecide(t *testing.T) {
	ours, theirs := message.NewPartyID("MRC00001"), message.NewPartyID("MRC00002")
	type step struct {
		party message.PartyID
		claim payout.Claim
	}
	units := func(from, to uint8) token.Interval { return token.Interval{From: from, To: to} }
	refused := func(code api.ClaimRefusal) *payout.RefusedError {
		return &payout.RefusedError{Code: code}
	}
	for _, row := range []struct {
		name     string
		standing payout.Standing
		steps    []step
		want     payout.Decision
	}{
		{
			"reclaimed",
			payout.Standing{Reclaimed: true},
			[]step{{ours, claim(1, 0, 9, 9)}},
			payout.Decision{Why: refused(api.ClaimReclaimed)},
		},
		{
			"of the same merchant under another statement",
			payout.Standing{},
			[]step{{ours, claim(1, 0, 9, 9)}, {ours, claim(2, 8, 12, 12)}},
			payout.Decision{
				Guilt: payout.SpentTwice, Other: message.Hash{1}, Why: refused(api.ClaimSpentTwice),
			},
		},
		{
			"of the same merchant, that was paid out of the loss",
			payout.Standing{},
			[]step{
				{theirs, claim(1, 0, 9, 9)}, {ours, claim(2, 8, 12, 12)}, {ours, claim(3, 11, 13, 13)},
			},
			payout.Decision{
				Guilt: payout.SpentTwice, Other: message.Hash{2}, Why: refused(api.ClaimSpentTwice),
			},
		},
		{
			"of another merchant over one unit of them",
			payout.Standing{},
			[]step{{theirs, claim(1, 0, 9, 9)}, {ours, claim(2, 8, 12, 12)}},
			payout.Decision{
				Paid: 20, Loss: units(8, 12), Guilt: payout.SpentTwice, Other: message.Hash{1},
			},
		},
		{
			"of another merchant over units that were committed to and not ticked",
			payout.Standing{},
			[]step{{theirs, claim(1, 0, 3, 9)}, {ours, claim(2, 8, 12, 12)}},
			payout.Decision{
				Paid: 20, Loss: units(8, 12), Guilt: payout.SpentTwice, Other: message.Hash{1},
			},
		},
		{
			"overlapping only what was paid out of the loss",
			payout.Standing{},
			[]step{
				{theirs, claim(1, 0, 9, 9)}, {ours, claim(2, 8, 12, 12)}, {theirs, claim(3, 11, 13, 13)},
			},
			payout.Decision{Paid: 10, Token: units(11, 13)},
		},
		{
			"more ticks of what is paid out of the loss",
			payout.Standing{},
			[]step{
				{theirs, claim(1, 0, 9, 9)}, {ours, claim(2, 8, 10, 20)}, {ours, claim(2, 8, 13, 20)},
			},
			payout.Decision{
				Paid: 25, Loss: units(10, 13), Guilt: payout.SpentTwice, Other: message.Hash{1},
			},
		},
		{
			"above the close",
			payout.Standing{Closed: true, At: 5},
			[]step{{ours, claim(1, 5, 9, 9)}},
			payout.Decision{Paid: 20, Loss: units(5, 9), Guilt: payout.SpentClosed, Token: units(5, 5)},
		},
		{
			"across the close",
			payout.Standing{Closed: true, At: 5},
			[]step{{ours, claim(1, 3, 9, 9)}},
			payout.Decision{Paid: 30, Token: units(3, 5), Loss: units(5, 9), Guilt: payout.SpentClosed},
		},
		{
			"ticks across the close after some",
			payout.Standing{Closed: true, At: 5},
			[]step{{ours, claim(1, 3, 6, 90)}, {ours, claim(1, 3, 9, 90)}},
			payout.Decision{Paid: 30, Token: units(6, 6), Loss: units(6, 9), Guilt: payout.SpentClosed},
		},
		{
			"up to the close",
			payout.Standing{Closed: true, At: 5},
			[]step{{ours, claim(1, 0, 5, 90)}},
			payout.Decision{Paid: 25, Token: units(0, 5)},
		},
		{
			"the same again",
			payout.Standing{},
			[]step{{ours, claim(1, 0, 9, 9)}, {ours, claim(1, 0, 9, 9)}},
			payout.Decision{Paid: 45},
		},
		{
			"the same again after the reclaim", payout.Standing{Reclaimed: true, Taken: []payout.Taken{
				{Key: message.Hash{1}, Party: ours, Statement: units(0, 9), To: 9},
			}}, []step{{ours, claim(1, 0, 9, 9)}}, payout.Decision{Paid: 45},
		},
		{
			"fewer ticks than before",
			payout.Standing{},
			[]step{{ours, claim(1, 0, 9, 20)}, {ours, claim(1, 0, 4, 20)}},
			payout.Decision{Paid: 20},
		},
		{
			"more ticks than before",
			payout.Standing{},
			[]step{{ours, claim(1, 0, 9, 20)}, {ours, claim(1, 0, 14, 20)}},
			payout.Decision{Paid: 70, Token: units(9, 14)},
		},
		{
			"side by side",
			payout.Standing{},
			[]step{{theirs, claim(1, 0, 9, 9)}, {ours, claim(2, 9, 12, 12)}},
			payout.Decision{Paid: 15, Token: units(9, 12)},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got payout.Decision
			for _, s := range row.steps {
				got = row.standing.Decide(s.party, s.claim)
			}
			ignored := cmpopts.IgnoreFields(payout.RefusedError{}, "Reason")
			if diff := cmp.Diff(row.want, got, ignored); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
