package generaltest_test

import (
	"fmt"
	"testing"

	"tapbench/terminal/kernel/generaltest"
	"tapbench/terminal/kernel/rules"
)

// TestCases pays every case, and proves that together they set and leave each bit of TVR and TSI
// that a contact terminal can set.
func TestCases(t *testing.T) {
	cases, err := generaltest.Load()
	if err != nil {
		t.Fatal(err)
	}
	bench := generaltest.NewBench(t)
	set, left := map[string]bool{}, map[string]bool{}
	for _, c := range cases {
		paid := c.Run(t, bench)
		for name, is := range bits(paid) {
			set[name] = set[name] || is && paid.Err == nil
			left[name] = left[name] || !is
		}
		t.Run(c.Section+"/"+c.Name, func(t *testing.T) {
			for _, wrong := range append(c.Check(paid), generaltest.Invariants(paid)...) {
				t.Errorf("%s: %s", c.Place, wrong)
			}
			if t.Failed() {
				t.Logf("TVR %s, TSI %s, error %v, why %v", paid.Outcome.TVR, paid.Outcome.TSI,
					paid.Err, paid.Outcome.Why)
			}
		})
	}
	for name := range bits(generaltest.Paid{}) {
		if !set[name] {
			t.Errorf("%s: no case sets it", name)
		}
		if !left[name] {
			t.Errorf("%s: no case leaves it", name)
		}
	}
}

// bits are those of TVR and TSI that EMV 4.3 Book 3, annexes C5 and C6, give a meaning.
func bits(p generaltest.Paid) map[string]bool {
	reserved := [5]byte{0x01, 0x07, 0x03, 0x07, 0x0F}
	all := map[string]bool{}
	for i, mask := range reserved {
		for bit := range 8 {
			m := byte(1) << bit
			if mask&m == 0 {
				b := rules.TVRBit(i<<8 | int(m))
				all[fmt.Sprintf("TVR byte %d bit %d", i+1, bit+1)] = p.Outcome.TVR.Has(b)
			}
		}
	}
	for bit := 2; bit < 8; bit++ {
		all[fmt.Sprintf("TSI bit %d", bit+1)] = p.Outcome.TSI.Has(rules.TSIBit(1 << bit))
	}
	return all
}

// TestNames proves that a section names each of its cases once.
func TestNames(t *testing.T) {
	cases, err := generaltest.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, c := range cases {
		name := c.Section + "/" + c.Name
		if other, there := seen[name]; there {
			t.Errorf("%s and %s have the same name", other, c.Place)
		}
		seen[name] = c.Place
	}
}
