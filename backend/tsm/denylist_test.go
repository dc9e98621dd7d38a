package tsm_test

import (
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/tsm"
)

// sync brings a terminal's list up to date, and returns how many bytes that took.
func (s *claimStand) sync(t *testing.T, held *denylist.Held) int {
	t.Helper()
	got, err := s.tsm.DenyList(t.Context(), api.DenyListRequest{Have: held.Serial()})
	check(t, err)
	if got.List != nil {
		check(t, held.Update(got.List))
	}
	return len(got.List)
}

// deniesTokens: closed tokens and those of frozen accounts are denied until they expire, by a list
// that goes on where a TSM before it has ended.
func deniesTokens(t *testing.T, s *claimStand) {
	open, closed, spent := s.element(t), s.element(t), s.element(t)
	held, err := denylist.NewHeld(s.tsm.ID, s.key.Public, 0)
	check(t, err)
	denies := func(when string, want ...payouttest.Element) {
		t.Helper()
		for _, e := range []payouttest.Element{open, closed, spent} {
			wanted := false
			for _, w := range want {
				wanted = wanted || w.Token == e.Token
			}
			if held.Contains(e.Token.ID()) != wanted {
				t.Errorf("%s: token %x is denied: %t", when, e.Token.ID(), !wanted)
			}
		}
	}
	whole := s.sync(t, held)
	denies("first")
	if s.sync(t, held) != 0 {
		t.Error("there is a new list without a reason")
	}
	s.closeToken(t, closed, 10)
	if n := s.sync(t, held); n == 0 || n >= whole {
		t.Errorf("a change of %d bytes, a list of %d", n, whole)
	}
	denies("closed", closed)
	s.pay(t, s.shop, spent.Spend(t, s.shop.Terms(s.now, 1), 0, 100))
	s.sync(t, held)
	denies("spent", closed)
	s.pay(t, s.other, spent.Spend(t, s.other.Terms(s.now, 1), 99, 100))
	s.sync(t, held)
	denies("frozen", open, closed, spent)
	serial := held.Serial()
	again, err := tsm.New(t.Context(), s.tsm.Config)
	check(t, err)
	s.tsm = again
	s.sync(t, held)
	denies("started again", open, closed, spent)
	if held.Serial() <= serial {
		t.Errorf("serial %d after %d", held.Serial(), serial)
	}
	s.now = s.now.Add(time.Hour)
	serial = held.Serial()
	s.sync(t, held)
	if held.Serial() != serial+1 || held.Usable(uint32(s.now.Unix())) != nil {
		t.Errorf("serial %d an hour after %d", held.Serial(), serial)
	}
	s.now = claimEpoch.End().Add(message.EpochLength / 2)
	s.sync(t, held)
	denies("expired")
}
