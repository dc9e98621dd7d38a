package generaltest_test

import (
	"strings"
	"testing"

	"tapbench/terminal/kernel/generaltest"
)

// TestCasesOverT0 pays the cases whose card is right with a card of T=0: nothing but the number of
// commands may differ (EMV 4.3 Book 1, 9.3.1).
func TestCasesOverT0(t *testing.T) {
	cases, err := generaltest.Load()
	if err != nil {
		t.Fatal(err)
	}
	bench := generaltest.NewBench(t)
	paid := 0
	for _, c := range cases {
		if len(c.Card)+len(c.Image)+len(c.Forge) > 0 {
			continue
		}
		paid++
		c.Image = []string{"t0"}
		var want []string
		for _, w := range c.Want {
			if !strings.HasPrefix(w, "apdus") {
				want = append(want, w)
			}
		}
		c.Want = want
		t.Run(c.Section+"/"+c.Name, func(t *testing.T) {
			p := c.Run(t, bench)
			for _, wrong := range append(c.Check(p), generaltest.Invariants(p)...) {
				t.Errorf("%s: %s", c.Place, wrong)
			}
		})
	}
	if paid < 50 {
		t.Errorf("%d cases have a right card, want 50 at least", paid)
	}
}
