package tsm_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// paysMerchantsOut: what claims have come to is paid out once in a slot, as closed days are. What
// is left of tokens may go back to its bank: a loss is paid from the TSM's own cash alone.
func paysMerchantsOut(t *testing.T, s *claimStand) {
	e, twice := s.element(t), s.element(t)
	here, there := s.shop.Terms(s.now, 1), s.other.Terms(s.now, 2)
	s.pay(t, s.shop, e.Spend(t, here, 0, 25), twice.Spend(t, here, 0, 10))
	s.pay(t, s.other, twice.Spend(t, there, 5, 15))
	slot := settlement.SlotAt(s.now)
	paid := func(when string, want ...tsm.Payout) {
		t.Helper()
		got, err := s.tsm.PayOut(t.Context())
		check(t, err)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
			t.Errorf("%s: -want +got:\n%s", when, diff)
		}
	}
	paid("nothing was drawn")
	s.addCash(t, 2, "escrow/BKA00001")
	paid("drawn", tsm.Payout{Merchant: s.shop.Party(), Slot: slot, Amount: money.Must("EUR:1.75")})
	paid("again")
	s.addCash(t, 3, "capital")
	paid("of its own", tsm.Payout{
		Merchant: s.other.Party(), Slot: slot, Amount: money.Must("EUR:0.50"),
	})
	s.now = s.now.Add(24 * time.Hour)
	paid("a day later")
	if got, want := s.sums(t), (sums{Tokens: 825, Loss: 50}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// keepsOpenDays: what a reversal may still give back isn't paid out for a loss.
func keepsOpenDays(t *testing.T, s *claimStand) {
	e := s.element(t)
	s.pay(t, s.shop, e.Spend(t, s.shop.Terms(s.now, 1), 0, 10))
	s.pay(t, s.other, e.Spend(t, s.other.Terms(s.now, 2), 0, 10))
	s.do(t, func(ctx context.Context, tx store.Tx) error { // a payment of a day that is open
		_, err := ledger.Execute(ctx, tx, ledger.Transfer{
			ID: ledger.TransferID{9}, Debit: tsm.Prepaid(s.tid),
			Credit: tsm.MerchantAccount(s.shop.Party()), Amount: money.Must("EUR:0.60"), Reason: "payment",
		})
		return err
	})
	s.addCash(t, 2, "escrow/BKA00001")
	got, err := s.tsm.PayOut(t.Context())
	check(t, err)
	want := []tsm.Payout{{
		Merchant: s.shop.Party(), Slot: settlement.SlotAt(s.now), Amount: money.Must("EUR:0.50"),
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(money.Amount{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// addCash has 500.00 come from an account.
func (s *claimStand) addCash(t *testing.T, id byte, from ledger.AccountID) {
	t.Helper()
	s.do(t, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Account(ctx, from)
		if err != nil {
			check(t, ledger.Open(ctx, tx, ledger.Account{
				ID: from, Kind: ledger.Equity, Currency: money.EUR,
			}))
		}
		_, err = ledger.Execute(ctx, tx, ledger.Transfer{
			ID: ledger.TransferID{id}, Debit: "cash", Credit: from,
			Amount: money.Must("EUR:500.00"), Reason: "draw",
		})
		return err
	})
}
