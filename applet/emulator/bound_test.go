package emulator_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/statefile/bound"
	"tapbench/applet/statefile/bound/boundtest"
)

// copier is a store that keeps every state that it was ever given.
type copier struct {
	store

	copies [][]byte
}

func (c *copier) Commit(state []byte) error {
	if err := c.store.Commit(state); err != nil {
		return err
	}
	c.copies = append(c.copies, bytes.Clone(state))
	return nil
}

// TestBoundState binds a card's state, leads the card to an armed one, and puts back each state
// that it ever had: only the last one opens, and only with its index.
func TestBoundState(t *testing.T) {
	file, index := new(copier), new(boundtest.Memory)
	open := func(state []byte) (*emulator.Card, error) {
		file.state = state
		store, err := bound.New(bound.Config{File: file, Anchor: index})
		if err != nil {
			t.Fatal(err)
		}
		return emulator.New(emulator.Config{Store: store})
	}
	card, err := open(nil)
	if err != nil {
		t.Fatal(err)
	}
	conformance.NewHost(t, connect(card)).Advance(conformance.Armed)
	last := len(file.copies) - 1
	for n, state := range file.copies {
		if _, err := open(state); (err == nil) != (n == last) ||
			err != nil && !errors.Is(err, bound.ErrLocked) {
			t.Errorf("state %d of %d: %v", n+1, last+1, err)
		}
	}
	if _, err := open(nil); !errors.Is(err, bound.ErrNoFile) {
		t.Errorf("without its file: %v", err)
	}
	file.state = file.copies[last]
	if _, err := emulator.New(emulator.Config{Store: file}); !errors.Is(err, bound.ErrBound) {
		t.Errorf("without its index: %v", err)
	}
	t.Logf("%d states", last+1)
}
