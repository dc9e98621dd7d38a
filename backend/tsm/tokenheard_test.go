package tsm_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/backend/settlement"
)

// TestBankHearsNothingOfTokens lives one account's life several times, each with 12.50 paid
// offline, and settles at each midnight: all that the bank hears is equal, in content and in time.
// The wallet's tests hold the same against purchases by card.
func TestBankHearsNothingOfTokens(t *testing.T) {
	t.Parallel() // it waits for disks
	var want []string
	for name, act := range map[string]func(t *testing.T, a *account, day int){
		"at once": func(t *testing.T, a *account, day int) {
			if day == 0 {
				s := a.load(t, 5, 250)
				a.world.pay(t, s.Element, 0, 250)
			}
		},
		"claimed on the last day of its grace": func() func(t *testing.T, a *account, day int) {
			var s slot
			return func(t *testing.T, a *account, day int) {
				switch day {
				case 0:
					s = a.load(t, 50, 100)
				case 16:
					a.world.pay(t, s.Element, 0, 25)
				}
			}
		}(),
		"bit by bit, of many tokens that are closed": func(t *testing.T, a *account, day int) {
			if day < 10 {
				s := a.load(t, 5, 250)
				a.world.pay(t, s.Element, 0, 25)
				_, err := a.world.CloseToken(t.Context(), a.closing(t, s, s.Token.ID(), 25))
				check(t, err)
			}
		},
		"by an account that is frozen": func(t *testing.T, a *account, day int) {
			if day == 1 {
				s := a.load(t, 1, 250)
				a.load(t, 50, 100)
				for unit := range uint8(250) {
					a.world.pay(t, s.Element, unit, unit+1)
				}
				rest := a.load(t, 5, 250)
				a.world.pay(t, rest.Element, 0, 200)
				a.freeze(t)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t, filepath.Join(t.TempDir(), "tsm.db"))
			w.now = message.Epoch(3000).End().Add(-message.EpochLength)
			a, start := w.funded(t, 4), w.now
			for day := range 17 {
				w.now = start.AddDate(0, 0, day).Add(settlement.SlotLength / 2)
				act(t, a, day)
				w.now = start.AddDate(0, 0, day+1)
				_, err := w.Settle(t.Context())
				check(t, err)
			}
			w.over(a.Expiry)
			_, err := w.Settle(t.Context())
			check(t, err)
			if left := w.balances(t); len(left) > 0 {
				t.Errorf("left in the books: %v", left)
			}
			if want == nil {
				want = w.bank.heard
			}
			if len(want) < 17 {
				t.Errorf("the bank has heard %d times", len(want))
			}
			if diff := cmp.Diff(want, w.bank.heard); diff != "" {
				t.Errorf("the bank can tell the difference:\n%s", diff)
			}
		})
	}
}

// load withdraws a token into a new slot.
func (a *account) load(t *testing.T, unit, length uint8) slot {
	t.Helper()
	s := newSlot(t, unit, length)
	s.Token = a.withdraw(t, s)
	return s
}
