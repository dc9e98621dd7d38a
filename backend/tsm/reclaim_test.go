package tsm_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

func (a *account) freeze(t *testing.T) {
	t.Helper()
	check(t, a.world.db.Tx(t.Context(), func(tx store.Tx) error {
		return tsm.Freeze(t.Context(), tx, a.TID, []byte("proof"))
	}))
}

// proof is what the account was frozen on, nil if it wasn't.
func (a *account) proof(t *testing.T) (raw []byte) {
	t.Helper()
	check(t, a.world.db.View(t.Context(), func(tx store.Tx) error {
		all, err := tsm.Freezings(t.Context(), tx)
		raw = all[a.TID]
		return err
	}))
	return raw
}

func testTokenReclaimed(t *testing.T, w *tokenWorld) {
	whole, used, given, frozen := w.withToken(t), w.withToken(t), w.withToken(t), w.withToken(t)
	w.pay(t, used.slot.Element, 0, 20)
	w.pay(t, used.slot.Element, 30, 40) // units 21 to 30 were torn
	_, err := w.CloseToken(t.Context(), given.at(t, 25))
	check(t, err)
	frozen.freeze(t)
	last := w.epoch() + 2
	w.now = last.End().Add(-1)
	got, err := w.Reclaim(t.Context())
	check(t, err)
	if got.Tokens != 0 {
		t.Errorf("in the token's grace %d were reclaimed", got.Tokens)
	}
	w.now = last.End()
	got, err = w.Reclaim(t.Context())
	check(t, err)
	if want := int64(1250 + 1250 - 30*5 + 25*5 + 1250); got.Tokens != 4 || got.Total.Minor() != want {
		t.Errorf("reclaimed %d tokens with %v, want 4 with %d", got.Tokens, got.Total, want)
	}
	want := map[*account]int64{
		whole.account: 10000, used.account: 10000 - 30*5, given.account: 10000, frozen.account: 10000,
	}
	for a, left := range want {
		if got := a.left(t); got != left {
			t.Errorf("%d are left, want %d", got, left)
		}
	}
	again, err := w.Reclaim(t.Context())
	check(t, err)
	if again.Tokens != 0 || !again.Total.IsZero() {
		t.Errorf("reclaimed twice: %+v", again)
	}
	if a := w.claim(t, whole.slot.Element, 0, 1); a.Refused != api.ClaimReclaimed {
		t.Errorf("a claim got %+v", a)
	}
	for name, change := range map[string]string{
		"a unit that has come back": `UPDATE tokens SET paid = paid + 1`,
		"a unit that isn't there":   `UPDATE tokens SET back = back - 1`,
		"another class":             `UPDATE tokens SET unit = 50`,
		"no token":                  `DELETE FROM tokens`,
	} {
		if err := w.db.Tx(t.Context(), func(tx store.Tx) error {
			_, err := tx.ExecContext(t.Context(), change)
			return err
		}); err == nil {
			t.Errorf("the store took %s", name)
		}
	}
}

// testReclaimedBeforeReturn closes one account, freezes another and lets a third be; each has a
// token when its epoch is over.
func testReclaimedBeforeReturn(t *testing.T, w *tokenWorld) {
	closed, frozen, third := w.withToken(t), w.withToken(t), w.withToken(t)
	w.pay(t, third.slot.Element, 0, 250)
	frozen.freeze(t)
	closed.change(t, `UPDATE runs SET state = 'closed' WHERE run = $1`)
	w.over(closed.Expiry)
	done, err := w.Settle(t.Context())
	check(t, err)
	if done.Reclaimed.Tokens != 3 || done.Reclaimed.Total.Minor() != 2500 {
		t.Errorf("reclaimed %+v", done.Reclaimed)
	}
	if len(done.Returns) != 1 || done.Returns[0].Err != nil ||
		done.Returns[0].Total.Minor() != 30000-1250 {
		t.Errorf("returned %+v", done.Returns)
	}
	if len(done.Payouts) != 1 || done.Payouts[0].Amount.Minor() != 1250 {
		t.Errorf("paid out %+v", done.Payouts)
	}
	if left := w.balances(t); len(left) > 0 {
		t.Errorf("left in the books: %v", left)
	}
}

// TestReturnWaitsForReclaim plants a token whose grace outlasts its account, as no TSM issues one.
func TestReturnWaitsForReclaim(t *testing.T) {
	w := newTokenWorld(t, t.TempDir()+"/tsm.db")
	a := w.funded(t, 1)
	w.TokenPolicy.Grace = 0
	a.withdraw(t, newSlot(t, 5, 250))
	check(t, w.db.Tx(t.Context(), func(tx store.Tx) error {
		for _, change := range []string{
			`DROP TRIGGER tokens_class`, `UPDATE tokens SET claims_to = claims_to + 2`,
		} {
			if _, err := tx.ExecContext(t.Context(), change); err != nil {
				return err
			}
		}
		return nil
	}))
	w.over(a.Expiry)
	batches, err := w.Return(t.Context())
	check(t, err)
	if len(batches) != 1 || !errors.Is(batches[0].Err, &api.Problem{Code: api.CodeUnavailable}) {
		t.Fatalf("got %+v", batches)
	}
	w.now = w.now.Add(2 * message.EpochLength)
	batches, err = w.Return(t.Context())
	check(t, err)
	if len(batches) != 1 || batches[0].Err != nil || batches[0].Total.Minor() != 10000 {
		t.Errorf("got %+v", batches)
	}
}

func testFrozen(t *testing.T, w *tokenWorld) {
	c := w.withToken(t)
	c.freeze(t)
	check(t, w.db.Tx(t.Context(), func(tx store.Tx) error {
		return tsm.Freeze(t.Context(), tx, c.TID, []byte("another proof"))
	}))
	for name, act := range map[string]func() error{
		"a card": func() error {
			_, err := w.Card(t.Context(), api.CardRequest{Run: c.Run[:], Request: []byte{1}})
			return err
		},
		"a token": func() error {
			_, err := w.Token(t.Context(), c.request(t, newSlot(t, 5, 250)))
			return err
		},
	} {
		if err := act(); !errors.Is(err, &api.Problem{Code: api.CodeFrozen}) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if raw := c.proof(t); string(raw) != "proof" {
		t.Errorf("frozen on %q", raw)
	}
	w.over(c.Expiry)
	done, err := w.Settle(t.Context())
	check(t, err)
	if len(done.Returns) != 1 || done.Returns[0].Total.Minor() != 10000 {
		t.Errorf("returned %+v", done.Returns)
	}
	t.Run("once it has gone back", func(t *testing.T) {
		c.freeze(t)
		if left := c.left(t); left != 0 {
			t.Errorf("%d are left", left)
		}
	})
}
