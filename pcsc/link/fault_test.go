package link_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tapbench/pcsc/link"
)

func TestParseFaultRefuses(t *testing.T) {
	for _, text := range []string{
		"", "drop", "drop@", "drop@0", "drop@-1", "drop@1:2", "@1", "fall@1", "tear-answer@1",
		"tear-answer@1:x", "flip-command@1:-1", "delay@1", "delay@1:0s", "delay@1:soon", "delay@x:1s",
	} {
		if f, err := link.ParseFault(text); err == nil {
			t.Errorf("%q: %v", text, f)
		}
	}
}

func TestFaultsPrintAsTheyAreRead(t *testing.T) {
	for _, text := range []string{
		"tear-command@1:4", "tear-answer@3:17", "flip-command@2:0", "flip-answer@2:9",
		"delay@4:50ms", "duplicate@9", "drop@12",
	} {
		f, err := link.ParseFault(text)
		if err != nil {
			t.Error(err)
		}
		if f.String() != text {
			t.Errorf("%q is printed as %q", text, f)
		}
	}
}

func TestPlannedFaults(t *testing.T) {
	for text, want := range map[string]struct {
		seen   int // commands that the card carried out
		answer bool
		flips  bool
		took   time.Duration
	}{
		"tear-command@1:4": {},
		"drop@1":           {},
		"tear-answer@1:0":  {seen: 1},
		"flip-command@1:7": {seen: 1, answer: true, flips: true},
		"flip-answer@1:7":  {seen: 1, answer: true, flips: true},
		"delay@1:3s":       {seen: 1, answer: true, took: 3 * time.Second},
		"duplicate@1":      {seen: 2, answer: true},
		"drop@2":           {seen: 1, answer: true},
	} {
		fault, err := link.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		var clock link.Virtual
		var why error
		on, card := lay(t, link.Config{
			Clock: &clock, Ended: func(err error) { why = err },
			Faults: link.Faults{Planned: []link.Fault{fault}},
		})
		answer := on.Process(short(2))
		if len(card.seen) != want.seen || (answer != nil) != want.answer || clock.Now() != want.took {
			t.Errorf("%s: the card saw %d commands, answer % X, took %s", text, len(card.seen), answer,
				clock.Now())
		}
		if answer == nil && !errors.Is(why, link.ErrFault) {
			t.Errorf("%s: %v, want ErrFault", text, why)
		}
		if flipped := answer != nil && !bytes.Equal(answer[:8], short(2)); flipped != want.flips {
			t.Errorf("%s: answer % X", text, answer)
		}
	}
}

// TestSeedRepeatsFaults: the same seed draws the same faults to the byte, of all kinds, and another
// one others.
func TestSeedRepeatsFaults(t *testing.T) {
	kinds := make(map[link.FaultKind]int)
	run := func(seed uint64) (drawn []string) {
		on, _ := lay(t, link.Config{
			Faults: link.Faults{Seed: seed, PerMille: 300},
			Happened: func(f link.Fault) {
				kinds[f.Kind]++
				drawn = append(drawn, f.String())
			},
		})
		for range 400 {
			if on.Process(short(20)) == nil {
				on.PowerOn()
			}
		}
		return drawn
	}
	first := run(7)
	again := run(7)
	other := run(8)
	if len(first) < 20 || len(first) != len(again) {
		t.Fatalf("%d faults, then %d", len(first), len(again))
	}
	same := 0
	for i := range min(len(first), len(other)) {
		if first[i] != again[i] {
			t.Errorf("fault %d: %s, then %s", i, first[i], again[i])
		}
		if first[i] == other[i] {
			same++
		}
	}
	if same == len(first) {
		t.Error("another seed draws the same faults")
	}
	for kind := link.TearCommand; kind <= link.Drop; kind++ {
		if kinds[kind] < 5 {
			t.Errorf("%s is drawn %d times", kind, kinds[kind])
		}
	}
}
