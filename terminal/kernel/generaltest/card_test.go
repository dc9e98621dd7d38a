package generaltest_test

import (
	"testing"

	"tapbench/terminal/kernel/generaltest"
)

// TestBench proves that the right card can be made.
func TestBench(t *testing.T) {
	card := generaltest.NewBench(t).Card
	if len(card.Applications) != 2 || card.Applications[0].ODA == nil {
		t.Errorf("got %d applications, want two, the first with a key", len(card.Applications))
	}
}
