package tsm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/token"
	"tapbench/backend/api"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// evidence returns how much evidence is kept, each of which must hold by the TSM's key alone.
func (s *claimStand) evidence(t *testing.T) (n int) {
	t.Helper()
	check(t, s.db.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.QueryContext(t.Context(), `SELECT evidence FROM doublespends`)
		check(t, err)
		defer func() { check(t, rows.Close()) }()
		for rows.Next() {
			var raw []byte
			check(t, rows.Scan(&raw))
			e, err := doublespend.Decode(raw)
			check(t, err)
			if _, err := e.Check(s.key.Public); err != nil {
				t.Errorf("evidence %x: %v", e.Sum(), err)
			}
			n++
		}
		return rows.Err()
	}))
	return n
}

// paysOutOfLoss: of two statements over the same units the first stands; the second is another
// merchant's, and is paid out of the loss, once; the account is frozen.
func paysOutOfLoss(t *testing.T, s *claimStand) {
	e, honest := s.element(t), s.element(t)
	here, there := s.shop.Terms(s.now, 1), s.other.Terms(s.now, 2)
	s.pay(t, s.shop, e.Spend(t, here, 0, 25))
	for range 2 {
		got := s.pay(t, s.other, e.Spend(t, there, 24, 30), e.Meter(t, there, 40, 60, 45))
		if diff := cmp.Diff([]answered{{30, ""}, {25, ""}}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got, want := s.sums(t), (sums{Tokens: 850, Loss: 30, Shop: 125, Other: 55}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if !s.frozen(t) || s.evidence(t) != 1 {
			t.Errorf("frozen %t, %d pieces of evidence", s.frozen(t), s.evidence(t))
		}
	}
	// What honest merchants took of a frozen account is paid.
	got := s.pay(t, s.shop, honest.Spend(t, here, 0, 25))
	if diff := cmp.Diff([]answered{{125, ""}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	s.audit(t)
}

// losesTicks: ticks of a commitment over units that were spent before are paid out of the loss, and
// more of them later.
func losesTicks(t *testing.T, s *claimStand) {
	e := s.element(t)
	there := s.other.Terms(s.now, 2)
	s.pay(t, s.shop, e.Spend(t, s.shop.Terms(s.now, 1), 0, 25))
	s.pay(t, s.other, e.Meter(t, there, 20, 60, 21), e.Meter(t, there, 20, 60, 30))
	s.pay(t, s.other, e.Meter(t, there, 20, 60, 40), e.Meter(t, there, 20, 60, 22))
	if got, want := s.sums(t), (sums{Tokens: 375, Loss: 100, Shop: 125, Other: 100}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !s.frozen(t) || s.evidence(t) != 1 {
		t.Errorf("frozen %t, %d pieces of evidence", s.frozen(t), s.evidence(t))
	}
	s.audit(t)
}

// refusesOwn: a merchant isn't paid for units that it has claimed before, and the element is guilty
// all the same.
func refusesOwn(t *testing.T, s *claimStand) {
	e := s.element(t)
	first := e.Spend(t, s.shop.Terms(s.now, 1), 0, 25)
	second := e.Spend(t, s.shop.Terms(s.now, 2), 0, 25)
	for range 2 {
		got := s.pay(t, s.shop, first, second)
		if diff := cmp.Diff([]answered{{125, ""}, {0, api.ClaimSpentTwice}}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if got, want := s.sums(t), (sums{Tokens: 375, Shop: 125}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !s.frozen(t) || s.evidence(t) != 1 {
		t.Errorf("frozen %t, %d pieces of evidence", s.frozen(t), s.evidence(t))
	}
	s.audit(t)
}

// paysBehindClose: a closed token pays up to where it was closed, and the loss what is above.
func paysBehindClose(t *testing.T, s *claimStand) {
	spent, ticked, honest := s.element(t), s.element(t), s.element(t)
	at := s.shop.Terms(s.now, 1)
	for _, e := range []payouttest.Element{spent, ticked, honest} {
		s.closeToken(t, e, 30)
	}
	got := s.pay(t, s.shop, honest.Spend(t, at, 0, 25), honest.Meter(t, at, 25, 99, 30))
	if diff := cmp.Diff([]answered{{125, ""}, {25, ""}}, got); diff != "" || s.frozen(t) {
		t.Errorf("honest, frozen %t: -want +got:\n%s", s.frozen(t), diff)
	}
	for range 2 {
		got = s.pay(t, s.shop, spent.Spend(t, at, 25, 35), ticked.Meter(t, at, 20, 99, 32))
		if diff := cmp.Diff([]answered{{50, ""}, {60, ""}}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got, want := s.sums(t), (sums{Tokens: 225, Loss: 35, Shop: 260}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if !s.frozen(t) || s.evidence(t) != 2 {
		t.Errorf("frozen %t, %d pieces of evidence", s.frozen(t), s.evidence(t))
	}
	s.audit(t)
}

// freezesOnClose: a close below a unit that was paid is evidence with it, of a spend and of a tick.
// Two closes that contradict each other alone, and a close at the last tick below Max, are none.
func freezesOnClose(t *testing.T, s *claimStand) {
	spent, ticked := s.element(t), s.element(t)
	stopped, closed := s.element(t), s.element(t)
	at := s.shop.Terms(s.now, 1)
	s.pay(t, s.shop, spent.Spend(t, at, 0, 25), ticked.Meter(t, at, 0, 99, 32),
		stopped.Meter(t, at, 0, 99, 32))
	s.closeToken(t, stopped, 32)
	s.closeToken(t, closed, 10)
	s.closeRefused(t, closed, 5)
	if s.frozen(t) {
		t.Error("frozen without evidence")
	}
	for name, row := range map[string]struct {
		element payouttest.Element
		at      uint8
		want    token.Interval
	}{
		"spent":  {spent, 24, token.Interval{From: 24, To: 25}},
		"ticked": {ticked, 30, token.Interval{From: 30, To: 32}},
	} {
		s.do(t, func(ctx context.Context, tx store.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM frozen`)
			return err
		})
		s.closeRefused(t, row.element, row.at)
		check(t, s.db.View(t.Context(), func(tx store.Tx) error {
			frozen, err := tsm.Freezings(t.Context(), tx)
			check(t, err)
			e, err := doublespend.Decode(frozen[s.tid])
			check(t, err)
			twice, err := e.Check(s.key.Public)
			if err != nil || twice != row.want {
				t.Errorf("%s: units %v, %v", name, twice, err)
			}
			return nil
		}))
	}
	s.audit(t)
}

// paysWholeOrNothing: the step breaks off at each of its statements in turn. Nothing of it remains,
// and the batch pays the same when it comes again.
func paysWholeOrNothing(t *testing.T, s *claimStand) {
	e, met, twice := s.element(t), s.element(t), s.element(t)
	at, there := s.shop.Terms(s.now, 1), s.other.Terms(s.now, 2)
	s.pay(t, s.shop, met.Meter(t, at, 0, 60, 10), twice.Spend(t, at, 0, 25))
	before := s.sums(t)
	q := s.other.Batch(t, e.Spend(t, there, 0, 25), twice.Spend(t, there, 20, 30))
	broken := 0
	for ; ; broken++ {
		_, err := s.tsm.Over(breaking{s.db, broken}).Payout(t.Context(), q)
		if err == nil {
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatalf("statement %d: %v", broken, err)
		}
		if got := s.sums(t); got != before || s.frozen(t) || s.evidence(t) != 0 {
			t.Fatalf("broken at statement %d: got %+v, want %+v", broken, got, before)
		}
	}
	if broken < 10 {
		t.Errorf("only %d statements", broken)
	}
	want := before
	want.Tokens, want.Loss, want.Other = before.Tokens-125, 50, 175
	if got := s.sums(t); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.audit(t)
}
