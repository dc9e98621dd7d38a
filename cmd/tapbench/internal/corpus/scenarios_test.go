package corpus_test

import (
	"slices"
	"testing"
)

// scenario is one file of testdata/traces.
type scenario struct {
	name    string // the file's, without ".trace"
	comment string // what it shows
	// before, if set, brings the stand to where the recording begins, and may return another one.
	before func(t *testing.T, s *stand) *stand
	// play is what is recorded.
	play func(t *testing.T, s *stand, r *recording)
	// emv, if set, is what is recorded in place of that, and needs no stand.
	emv *emvPayment
}

// scenarios are all of them, in the order in which they are played on the same card. Later ones
// stand on what earlier ones have left: add at the end.
func scenarios() []scenario {
	return slices.Concat(life(), refusals(), taps(), tears(), ends(), emvCards())
}

// another begins with a new card and a new wallet.
func another(t *testing.T, s *stand) *stand { return s.another(t) }

// ready begins with virtual cards, and the card armed unless amount is empty.
func ready(cards int, amount string) func(*testing.T, *stand) *stand {
	return func(t *testing.T, s *stand) *stand {
		t.Helper()
		s.ready(t, cards, amount)
		return s
	}
}
