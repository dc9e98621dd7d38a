package pcsc_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
)

func TestExchangedCardAnswersFromTheNextCommandOn(t *testing.T) {
	answering := func(b byte) *processor {
		return &processor{
			atr: []byte{0x3B, b}, process: func([]byte) []byte { return []byte{b, 0x90, 0x00} },
		}
	}
	first, second := answering(1), answering(2)
	var e pcsc.Exchangeable
	e.Put(first)
	before := e.Process([]byte{0, 1, 2, 3})[0]
	e.Put(second)
	e.Reset()
	e.PowerOff()
	if after := e.Process([]byte{0, 1, 2, 3})[0]; before != 1 || after != 2 || e.ATR()[1] != 2 {
		t.Errorf("answers %d, %d; ATR % X", before, after, e.ATR())
	}
	if diff := cmp.Diff([]string{"on"}, first.power); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"on", "reset", "off"}, second.power); diff != "" {
		t.Error(diff)
	}
}
