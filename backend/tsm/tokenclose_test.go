package tsm_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/store"
)

// closed is an account with one token of 250 x 0.05.
type closed struct {
	*account
	slot slot
	id   message.Hash
}

func (w *tokenWorld) withToken(t *testing.T) closed {
	t.Helper()
	c := closed{account: w.funded(t, 4), slot: newSlot(t, 5, 250)}
	c.slot.Token = c.withdraw(t, c.slot)
	c.id = c.slot.Token.ID()
	return c
}

func (c closed) at(t *testing.T, at uint8) api.TokenCloseRequest {
	t.Helper()
	return c.closing(t, c.slot, c.id, at)
}

func testTokenClosed(t *testing.T, w *tokenWorld) {
	c := w.withToken(t)
	w.pay(t, c.slot.Element, 0, 20)
	before := c.left(t)
	for range 3 {
		q := c.at(t, 25) // with a fresh signature
		got, err := w.CloseToken(t.Context(), q)
		check(t, err)
		if got.Back != 225*5 {
			t.Errorf("%d have come back", got.Back)
		}
		if left := c.left(t); left != before+225*5 {
			t.Errorf("%d are left", left)
		}
	}
	w.pay(t, c.slot.Element, 20, 25)
	if held := w.balances(t)["tokens"]; held != 0 {
		t.Errorf("tokens hold %d", held)
	}
	t.Run("nothing was given out", func(t *testing.T) {
		c := w.withToken(t)
		got, err := w.CloseToken(t.Context(), c.at(t, 0))
		check(t, err)
		if left := c.left(t); left != 10000 || got.Back != 1250 {
			t.Errorf("%d are left, %d have come back", left, got.Back)
		}
	})
	t.Run("everything was given out", func(t *testing.T) {
		c := w.withToken(t)
		got, err := w.CloseToken(t.Context(), c.at(t, 250))
		check(t, err)
		if left := c.left(t); left != 10000-1250 || got.Back != 0 {
			t.Errorf("%d are left, %d have come back", left, got.Back)
		}
	})
	t.Run("of a frozen account", func(t *testing.T) {
		c := w.withToken(t)
		c.freeze(t)
		_, err := w.CloseToken(t.Context(), c.at(t, 0))
		check(t, err)
		if left := c.left(t); left != 10000 {
			t.Errorf("%d are left", left)
		}
	})
}

func testTokenCloseRefused(t *testing.T, w *tokenWorld) {
	c, other := w.withToken(t), w.withToken(t)
	before := w.balances(t)
	for name, row := range map[string]struct {
		change func(q *api.TokenCloseRequest)
		want   api.Code
	}{
		"a run of another length": {
			func(q *api.TokenCloseRequest) { q.Run = q.Run[1:] },
			api.CodeMalformed,
		},
		"a token of another length": {
			func(q *api.TokenCloseRequest) { q.Token = q.Token[1:] },
			api.CodeMalformed,
		},
		"a signature of another length": {
			func(q *api.TokenCloseRequest) { q.Signature = nil },
			api.CodeMalformed,
		},
		"an unknown run": {
			func(q *api.TokenCloseRequest) { q.Run = make([]byte, wire.NonceLen) },
			api.CodeUnknown,
		},
		"another account's run": {
			func(q *api.TokenCloseRequest) { q.Run = other.Run[:] },
			api.CodeUnknown,
		},
		"an unknown token": {
			func(q *api.TokenCloseRequest) { q.Token = make([]byte, wire.HashLen) },
			api.CodeUnknown,
		},
		"past its end": {func(q *api.TokenCloseRequest) { q.At = 251 }, api.CodeMalformed},
		"another index than was signed": {
			func(q *api.TokenCloseRequest) { q.At-- },
			api.CodeSignature,
		},
		"another token's close": {func(q *api.TokenCloseRequest) {
			q.Signature = other.at(t, 25).Signature
		}, api.CodeSignature},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.at(t, 25)
			row.change(&q)
			if _, err := w.CloseToken(t.Context(), q); !errors.Is(err, &api.Problem{Code: row.want}) {
				t.Errorf("got %v, want %s", err, row.want)
			}
		})
	}
	if diff := cmp.Diff(before, w.balances(t)); diff != "" {
		t.Errorf("something moved:\n%s", diff)
	}
	t.Run("once it is reclaimed", func(t *testing.T) {
		w.now = w.now.Add(3 * message.EpochLength)
		_, err := w.Reclaim(t.Context())
		check(t, err)
		_, err = w.CloseToken(t.Context(), c.at(t, 25))
		if !errors.Is(err, &api.Problem{Code: api.CodeReclaimed}) {
			t.Errorf("got %v", err)
		}
	})
}

func testTokenCloseContradicted(t *testing.T, w *tokenWorld) {
	for name, row := range map[string]struct {
		before func(t *testing.T, c closed)
		at     uint8
		frozen bool
	}{
		"below a unit that was paid": {func(t *testing.T, c closed) {
			w.pay(t, c.slot.Element, 10, 20)
		}, 19, true},
		"below another close": {func(t *testing.T, c closed) {
			_, err := w.CloseToken(t.Context(), c.at(t, 20))
			check(t, err)
		}, 19, false},
		"above another close": {func(t *testing.T, c closed) {
			_, err := w.CloseToken(t.Context(), c.at(t, 20))
			check(t, err)
		}, 21, false},
		"below a unit that was paid, once it is reclaimed": {func(t *testing.T, c closed) {
			w.pay(t, c.slot.Element, 10, 20)
			w.now = w.now.Add(3 * message.EpochLength)
			_, err := w.Reclaim(t.Context())
			check(t, err)
		}, 19, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.withToken(t)
			row.before(t, c)
			before := w.balances(t)
			for range 2 {
				_, err := w.CloseToken(t.Context(), c.at(t, row.at))
				if !errors.Is(err, &api.Problem{Code: api.CodeDoubleSpent}) {
					t.Errorf("got %v", err)
				}
			}
			if diff := cmp.Diff(before, w.balances(t)); diff != "" {
				t.Errorf("something moved:\n%s", diff)
			}
			var at int64
			check(t, w.db.View(t.Context(), func(tx store.Tx) error {
				return tx.QueryRowContext(t.Context(), `SELECT at FROM contradictions
					WHERE tokid = $1`, c.id[:]).Scan(&at)
			}))
			if at != int64(row.at) {
				t.Errorf("kept as evidence: a close at %d", at)
			}
			if raw := c.proof(t); (raw != nil) != row.frozen {
				t.Errorf("frozen: %t", raw != nil)
			} else if row.frozen {
				e, err := doublespend.Decode(raw)
				check(t, err)
				_, err = e.Check(w.Sign.Key)
				check(t, err)
			}
		})
	}
}
