package tsm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/store"
)

// refusesBatches: a batch that is wrong as a whole is refused over the line by a code, and
// nothing of it is paid.
func refusesBatches(t *testing.T, s *claimStand) {
	e := s.element(t)
	claim := e.Spend(t, s.shop.Terms(s.now, 1), 0, 25)
	stranger := payouttest.NewMerchant(t, payouttest.NewKey(t), "MRC00001-SHOP")
	million := s.shop.Payout(t, claim)
	million.Count = 1_000_000
	million.Signature = s.shop.Key.Sign(t, million.Digest())
	for _, row := range []struct {
		name   string
		change func(*api.PayoutRequest)
		want   api.Code
	}{
		{"empty", func(q *api.PayoutRequest) { *q = s.shop.Batch(t) }, api.CodeMalformed},
		{"a million claims", func(q *api.PayoutRequest) {
			q.Payout = message.Encode(wire.SigPayout, million)
		}, api.CodeMalformed},
		{"truncated", func(q *api.PayoutRequest) {
			q.Claims = q.Claims[:len(q.Claims)-1]
		}, api.CodeMismatch},
		{"another merchant's", func(q *api.PayoutRequest) {
			q.Certificate = s.other.Certificate.Encode()
		}, api.CodeMismatch},
		{"certified by nobody", func(q *api.PayoutRequest) {
			*q = stranger.Batch(t, claim)
		}, api.CodeSignature},
	} {
		q := s.shop.Batch(t, claim)
		row.change(&q)
		_, err := s.tsm.Payout(t.Context(), q)
		if !errors.Is(err, &api.Problem{Code: row.want}) {
			t.Errorf("%s: got %v, want %s", row.name, err, row.want)
		}
	}
	if got, want := s.sums(t), (sums{Tokens: 500}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// paysOnce: claims that are right are paid beside those that aren't, once, whatever comes again.
func paysOnce(t *testing.T, s *claimStand) {
	e, met, gone := s.element(t), s.element(t), s.element(t)
	unknown := payouttest.NewElement(t, s.key, payouttest.Fields(5, 100, claimEpoch))
	at := s.shop.Terms(s.now, 1)
	spend := e.Spend(t, at, 0, 25)
	batch := [][]byte{
		spend, unknown.Spend(t, at, 0, 5), met.Meter(t, at, 0, 60, 10),
		e.Spend(t, s.other.Terms(s.now, 2), 25, 30), met.Meter(t, at, 0, 60, 20),
		e.Spend(t, at, 25, 30),
	}
	want := []answered{
		{125, ""},
		{0, api.ClaimToken},
		{50, ""},
		{0, api.ClaimMerchant},
		{100, ""},
		{25, ""},
	}
	for range 2 {
		if diff := cmp.Diff(want, s.pay(t, s.shop, batch...)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if got, want := s.sums(t), (sums{Tokens: 1250, Shop: 250}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	second := e.Spend(t, at, 0, 25) // of the same fields, with another signature
	more := met.Meter(t, at, 0, 60, 60)
	got := s.pay(t, s.shop, second, more, batch[2])
	if diff := cmp.Diff([]answered{{125, ""}, {300, ""}, {50, ""}}, got); diff != "" {
		t.Errorf("again: -want +got:\n%s", diff)
	}
	s.audit(t)
	s.now = (claimEpoch + 1).End()
	_, err := s.tsm.Reclaim(t.Context())
	check(t, err)
	got = s.pay(t, s.shop, spend, gone.Spend(t, at, 0, 5), more)
	if diff := cmp.Diff([]answered{{125, ""}, {0, api.ClaimReclaimed}, {300, ""}}, got); diff != "" {
		t.Errorf("after the reclaim: -want +got:\n%s", diff)
	}
	if got, want := s.sums(t), (sums{Shop: 450}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.audit(t)
	if s.frozen(t) {
		t.Error("an honest account was frozen")
	}
}

// keepsApart: the store itself refuses a second claim over a unit.
func keepsApart(t *testing.T, s *claimStand) {
	put := func(claim byte, from, to int) error {
		return s.db.Tx(t.Context(), func(tx store.Tx) error {
			_, err := tx.ExecContext(t.Context(), `INSERT INTO claims (tokid, claim, from_unit,
					to_unit, ticked, merchant, statement, paid) VALUES ($1, $2, $3, $4, $4, 'M', $1, 1)`,
				[]byte{1}, []byte{claim}, int64(from), int64(to))
			return err
		})
	}
	check(t, put(1, 10, 20))
	for _, row := range [][2]int{{5, 11}, {19, 25}, {12, 13}, {0, 99}, {10, 20}} {
		if put(2, row[0], row[1]) == nil {
			t.Errorf("%v stands beside 10 to 20", row)
		}
	}
	check(t, put(3, 20, 25))
	check(t, put(4, 5, 10))
	err := s.db.Tx(t.Context(), func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(), `DELETE FROM claims`)
		return err
	})
	if err == nil {
		t.Error("claims can be deleted")
	}
}

// settlesForTwo: two terminals send the same claims at once, each in its own order.
func settlesForTwo(t *testing.T, s *claimStand) {
	at := s.shop.Terms(s.now, 1)
	var claims, back [][]byte
	for range 20 {
		e := s.element(t)
		claims = append(claims, e.Spend(t, at, 0, 25), e.Meter(t, at, 25, 60, 30))
		back = append([][]byte{e.Spend(t, at, 0, 25), e.Meter(t, at, 25, 60, 40)}, back...)
	}
	ended := make(chan error)
	for _, batch := range []api.PayoutRequest{s.shop.Batch(t, claims...), s.shop.Batch(t, back...)} {
		go func() {
			_, err := s.tsm.Payout(context.WithoutCancel(t.Context()), batch)
			ended <- err
		}()
	}
	check(t, errors.Join(<-ended, <-ended))
	if got := s.sums(t); got.Shop != 20*40*5 {
		t.Errorf("the shop has %d, want %d", got.Shop, 20*40*5)
	}
	s.audit(t)
}
