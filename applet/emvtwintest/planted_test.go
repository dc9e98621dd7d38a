package emvtwintest_test

import (
	"errors"
	"testing"

	"tapbench/applet/emvtwintest"
	"tapbench/applet/jcardsim/jcardsimtest"
)

// TestPlanted has the tests find bugs that were planted into the Java Card.
func TestPlanted(t *testing.T) {
	t.Parallel()
	t.Run("a limit by one", func(t *testing.T) {
		t.Parallel()
		f := newFuzzer(t, machineOf(t, jcardsimtest.Planted(t, "emv/Risk.java",
			"(short) (counters.count() + 1) > (short) (limit & 0xFF)",
			"counters.count() > (short) (limit & 0xFF)")))
		for n := range uint64(mostCases) {
			err := f.Case(n)
			var found *emvtwintest.FoundError
			if errors.As(err, &found) {
				if len(found.Commands) > caseMost {
					t.Errorf("found, but not short:\n%v", found)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		t.Errorf("%d cases didn't find it", mostCases)
	})
	t.Run("a counter in two halves", func(t *testing.T) {
		t.Parallel()
		if found := halfDone(t, jcardsimtest.Planted(t, "emv/Counters.java",
			"Util.arrayCopy(next,", "Util.arrayCopyNonAtomic(next,")); found == nil {
			t.Error("cuts didn't find it")
		}
	})
}

// caseMost is how many commands the shortest dialogue of the planted bug has at most: 3 for each of
// the transactions that a limit lets through, and a few.
const caseMost = 24
