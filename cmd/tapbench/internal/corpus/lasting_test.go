package corpus_test

import (
	"testing"

	"tapbench/applet/wire"
)

// lasting is a card until expiry, which takes two payments.
func lasting() scenario {
	return scenario{
		name: "tap-until-expiry",
		comment: "one card until expiry takes two payments of 0.50 EUR, armed for each: the terminal " +
			"sees the same card, with the next ATC",
		before: func(t *testing.T, s *stand) *stand {
			t.Helper()
			s.TSM.Cards = []wire.CardKind{wire.CardOneShow, wire.CardUntilExpiry}
			check(t, s.NewWallet(t).UseCards(wire.CardUntilExpiry))
			s.ready(t, 1, "20.00")
			return s
		},
		play: func(t *testing.T, s *stand, r *recording) {
			approved(t, s.till(t, r, shop), "0.50")
			s.again(r)
			check(t, s.arm(t, "20.00"))
			r.away()
			approved(t, s.till(t, r, other), "0.50")
		},
	}
}
