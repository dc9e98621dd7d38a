package jcardsim_test

import (
	"bytes"
	"testing"

	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
)

// TestRecord makes SK_SE twice from the same seed, and twice without one.
func TestRecord(t *testing.T) {
	cfg, err := jcardsim.Recorded(jcardsimtest.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	machine := jcardsimtest.Start(t, cfg)
	key := func(seed string) []byte {
		t.Helper()
		card, err := machine.New()
		if err != nil {
			t.Fatal(err)
		}
		if err := machine.Record([]byte(seed)); err != nil {
			t.Fatal(err)
		}
		card.Process([]byte("\x00\xA4\x04\x00\x0A\xF0TAPBENCH\x01"))
		answer := card.Process([]byte{0x80, 0x10, 0x00, 0x00, 0x00})
		if len(answer) != 67 {
			t.Fatalf("GENERATE SE KEY: % X", answer)
		}
		return answer
	}
	if first, again := key("seed 1"), key("seed 1"); !bytes.Equal(first, again) {
		t.Errorf("one seed, two keys: % X and % X", first, again)
	}
	if bytes.Equal(key("seed 1"), key("seed 2")) {
		t.Error("two seeds, one key")
	}
	if bytes.Equal(key(""), key("")) {
		t.Error("the same key by chance")
	}
}
