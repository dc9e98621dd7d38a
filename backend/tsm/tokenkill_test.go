package tsm_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/api"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
)

// TestTokensSurviveKills ends the TSM at each write of each act on a token's money, and behind its
// commit. What it leaves is what was before the act, or what is after it; done again, the act ends
// as if nothing had been.
func TestTokensSurviveKills(t *testing.T) {
	t.Parallel() // it waits for disks
	cuts := 0
	for name, prepare := range map[string]func(*testing.T, *tokenWorld) func() error{
		"withdraw": func(t *testing.T, w *tokenWorld) func() error {
			a := w.funded(t, 4)
			q := a.request(t, newSlot(t, 5, 250))
			return func() error {
				_, err := w.Token(t.Context(), q)
				return err
			}
		},
		"close": func(t *testing.T, w *tokenWorld) func() error {
			c := w.withToken(t)
			return func() error {
				_, err := w.CloseToken(t.Context(), c.at(t, 25))
				return err
			}
		},
		"contradicted close": func(t *testing.T, w *tokenWorld) func() error {
			c := w.withToken(t)
			w.pay(t, c.slot.Element, 0, 30)
			return func() error {
				_, err := w.CloseToken(t.Context(), c.at(t, 25))
				if errors.Is(err, &api.Problem{Code: api.CodeDoubleSpent}) {
					return nil
				}
				return err
			}
		},
		"payout of first and second claims": func(t *testing.T, w *tokenWorld) func() error {
			c := w.withToken(t)
			w.pay(t, c.slot.Element, 0, 30)
			second := payouttest.NewMerchant(t, w.ca, "MRC00002-SHOP")
			terms := second.Terms(w.now, 200)
			q := second.Batch(t, c.slot.Spend(t, terms, 20, 40),
				c.slot.Meter(t, terms, 50, 90, 60))
			return func() error {
				_, err := w.Payout(t.Context(), q)
				return err
			}
		},
		"freeze": func(t *testing.T, w *tokenWorld) func() error {
			c := w.withToken(t)
			return func() error {
				return w.db.Tx(t.Context(), func(tx store.Tx) error {
					return tsm.Freeze(t.Context(), tx, c.TID, []byte("proof"))
				})
			}
		},
		"settle": func(t *testing.T, w *tokenWorld) func() error {
			a, b := w.withToken(t), w.withToken(t)
			w.pay(t, a.slot.Element, 0, 30)
			b.freeze(t)
			w.over(b.Expiry)
			return func() error {
				_, err := w.Settle(t.Context())
				return err
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t, filepath.Join(t.TempDir(), "tsm.db"))
			act := prepare(t, w)
			before := w.rows(t)
			check(t, act())
			after := w.rows(t)
			for at := 0; ; at++ {
				w := newTokenWorld(t, filepath.Join(t.TempDir(), "tsm.db"))
				act := prepare(t, w)
				if at == 0 {
					w.db.behind = true
				} else {
					w.db.left = at - 1
				}
				if err := act(); err == nil && at > 0 && w.db.left >= 0 {
					break // there are fewer writes
				} else if !errors.Is(err, errBroken) {
					t.Fatalf("write %d: got %v", at, err)
				}
				cuts++
				w.db.left = whole
				got := w.rows(t)
				if name != "settle" && !cmp.Equal(got, before) && !cmp.Equal(got, after) {
					t.Errorf("killed at write %d: neither before nor after:\n%s", at, cmp.Diff(after, got))
				}
				check(t, act())
				if diff := cmp.Diff(after, w.rows(t)); diff != "" {
					t.Errorf("killed at write %d and done again:\n%s", at, diff)
				}
			}
		})
	}
	t.Logf("%d cuts", cuts)
}

// rows are all balances and how each token and account stands, in a form to compare.
func (w *tokenWorld) rows(t *testing.T) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	for id, minor := range w.balances(t) {
		all[string(id)] = minor
	}
	check(t, w.db.View(t.Context(), func(tx store.Tx) error {
		for _, query := range []string{
			`SELECT 'tokens ' || state || ' paid ' || paid || ' back ' || back FROM tokens`,
			`SELECT 'runs ' || state FROM runs`,
			`SELECT 'contradiction' FROM contradictions`,
			`SELECT 'frozen' FROM frozen`,
			`SELECT 'claim over ' || paid FROM claims`,
			`SELECT 'claim out of the loss over ' || paid FROM doublespends`,
			`SELECT 'batch over ' || amount || ' and ' || loss FROM batches`,
		} {
			rows, err := tx.QueryContext(t.Context(), query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var what string
				if err := rows.Scan(&what); err != nil {
					return errors.Join(err, rows.Close())
				}
				all[what]++
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		return nil
	}))
	return all
}
