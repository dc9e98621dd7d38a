package corpus_test

import (
	"errors"
	"fmt"
	"testing"

	"tapbench/pcsc"
	"tapbench/terminal"
)

// tears are commands within which the card lost its power.
func tears() []scenario {
	list := []scenario{
		{
			name: "open-account-torn",
			comment: "a new card is opened and the power goes at the first write, then at the second " +
				"from there, and so on; the wallet takes up where it broke off, until all is done",
			before: another,
			play: func(t *testing.T, s *stand, r *recording) {
				s.torn(t, r, func() error { return s.open(t, "carol") })
			},
		},
		{
			name:    "refill-torn",
			comment: "the power goes at CARD REQUEST, then at CARD PUT; then a virtual card is there",
			before:  ready(1, ""),
			play: func(t *testing.T, s *stand, r *recording) {
				for _, n := range []int{1, 2} {
					r.tear(n)
					wantRemoved(t, s.refill(t, 2))
					r.back()
					s.again(r)
				}
				check(t, s.refill(t, 2))
			},
		},
		{
			name:    "arm-torn",
			comment: "the power goes at ARM: the card isn't armed. ARM again, and it is",
			before:  ready(1, ""),
			play: func(t *testing.T, s *stand, r *recording) {
				r.tear(1)
				wantRemoved(t, s.arm(t, "20.00"))
				r.back()
				refused(t, s.till(t, r, shop), "5.00")
				s.again(r)
				check(t, s.arm(t, "20.00"))
				r.away()
				approved(t, s.till(t, r, shop), "0.50")
			},
		},
	}
	for n, row := range []struct {
		at, then string
		after    func(*testing.T, *terminal.POS)
	}{
		{
			"first-record", "the card wasn't spent, and the same payment is approved",
			func(t *testing.T, pos *terminal.POS) { approved(t, pos, "5.00") },
		},
		{
			"second-ac", "the TSM had approved and the terminal took it back; the TSM declines the " +
				"same virtual card from then on",
			func(t *testing.T, pos *terminal.POS) { declined(t, pos, "5.00") },
		},
	} {
		list = append(list, scenario{
			name:    "tap-torn-" + row.at,
			comment: fmt.Sprintf("the power goes at write %d of a tap: %s", n+1, row.then),
			before:  ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				r.tear(n + 1)
				_, err := s.till(t, r, shop).Pay(t.Context(), euros("5.00"))
				wantRemoved(t, err)
				r.back()
				row.after(t, s.till(t, r, shop))
			},
		})
	}
	return append(list, poor(), lasting())
}

// torn does something until it succeeds, while the power goes at a later write each time.
func (s *stand) torn(t *testing.T, r *recording, do func() error) {
	t.Helper()
	for n := 1; n < 20; n++ {
		r.tear(n)
		err := do()
		r.card.Tear(0)
		if err == nil {
			return
		}
		wantRemoved(t, err)
		r.back()
		s.again(r)
	}
	t.Fatal("twenty times torn, and no end")
}

// again begins a new session after the card was away.
func (s *stand) again(r *recording) { s.Session = pcsc.NewSession(r) }

func wantRemoved(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Fatalf("got %v, want %v", err, pcsc.ErrCardRemoved)
	}
}
