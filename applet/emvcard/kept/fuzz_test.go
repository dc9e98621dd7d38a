package kept_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/applet/emvcard/kept"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/saved"
	"tapbench/applet/statefile/bound"
)

// FuzzOpen proves that whatever opens as a card takes a state and has it afterwards.
func FuzzOpen(f *testing.F) {
	var memory saved.Memory
	store, err := kept.Open(&memory)
	if err != nil {
		f.Fatal(err)
	}
	if err := store.Begin("contactless", personalisetest.Card(f, "contactless")); err != nil {
		f.Fatal(err)
	}
	whole, err := memory.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(whole))
	f.Add([]byte("TAPBEMV\x00\x01\x00\x00\x00\x01x\x00\x00\x00\x02{}state"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var memory saved.Memory
		if err := memory.Commit(raw); err != nil {
			t.Fatal(err)
		}
		store, err := kept.Open(&memory)
		if err != nil {
			if !errors.Is(err, saved.ErrForeign) && !errors.Is(err, bound.ErrBound) {
				t.Fatal(err)
			}
			return
		}
		if store.Card() == nil {
			return
		}
		if err := store.Commit([]byte("next")); err != nil {
			t.Fatal(err)
		}
		again, err := kept.Open(&memory)
		if err != nil {
			t.Fatal(err)
		}
		if state, err := again.Load(); err != nil || string(state) != "next" {
			t.Errorf("state %q, %v", state, err)
		}
	})
}
