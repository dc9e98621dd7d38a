package linkage_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
)

// TestClosedTokensAreSeenTogether measures what closing used tokens tells: they go onto the deny
// list, where the merchants who took them find them. Two that weren't there before and are there
// now are likely to be one customer's. Until they are closed nothing is to be seen.
func TestClosedTokensAreSeenTogether(t *testing.T) {
	purses, h := newPurses(t), habit{shops: 2}
	street := newStreet(t, purses[0].System, h)
	street.pay(t, purses[0], street.tills[0], habit{reuse: true})
	street.pay(t, purses[0], street.tills[1], habit{reuse: true}) // the first one stays as it is
	street.pay(t, purses[1], street.tills[1], h)
	mine, others := purses[0].used(t), purses[1].used(t)
	if len(mine) != 2 || len(others) != 1 {
		t.Fatalf("%d and %d tokens were used", len(mine), len(others))
	}
	denies := func(when string, want bool) {
		t.Helper()
		held, err := denylist.NewHeld(purses[0].TSM.ID, purses[0].TSM.Sign.Key, 0)
		check(t, err)
		list, err := purses[0].TSM.DenyList(t.Context(), api.DenyListRequest{})
		check(t, err)
		check(t, held.Update(list.List))
		if held.Contains(mine[0]) != want || held.Contains(mine[1]) != want {
			t.Errorf("%s: the customer's tokens aren't both on the list, or off: want %t", when, want)
		}
		if held.Contains(others[0]) {
			t.Errorf("%s: the other customer's token is denied", when)
		}
	}
	denies("after the taps", false)
	purses[0].tidy(t, h)
	denies("after one has closed his tokens", true)
}

// used returns the tokens that were shown and aren't closed.
func (p *purse) used(t *testing.T) (all []message.Hash) {
	t.Helper()
	for slot, k := range p.tokens(t) {
		if k.State != wire.TokenUsed {
			continue
		}
		shown, err := p.wallet.Token(t.Context(), byte(slot))
		check(t, err)
		all = append(all, shown.Token.ID())
	}
	return all
}
