package jcardsim_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
)

// TestContactlessRefused has cards made with names and states that aren't theirs.
func TestContactlessRefused(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	card, err := machine.Open(jcardsim.CardConfig{Contactless: []byte("other")})
	if err != nil {
		t.Fatal(err)
	}
	element, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	other := state(t, card)
	for name, row := range map[string]struct {
		cfg  jcardsim.CardConfig
		want error
		says string
	}{
		"name of 4 bytes": {
			jcardsim.CardConfig{Contactless: make([]byte, 4)}, jcardsim.ErrName, "4 bytes, expected 5",
		},
		"name of 17 bytes": {
			jcardsim.CardConfig{Contactless: make([]byte, 17)}, jcardsim.ErrName, "expected 5 to 16",
		},
		"another card's state": {
			jcardsim.CardConfig{Contactless: []byte("these"), Store: other},
			saved.ErrForeign, "application is 6F74686572, not 7468657365",
		},
		"an element's state": {
			jcardsim.CardConfig{Contactless: []byte("these"), Store: state(t, element)},
			saved.ErrForeign, "length",
		},
	} {
		if _, err := machine.Open(row.cfg); !errors.Is(err, row.want) ||
			!strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: got %v, want %v with %q", name, err, row.want, row.says)
		}
	}
}

// state returns a store with a card's state.
func state(t *testing.T, card *jcardsim.Card) saved.Store {
	t.Helper()
	raw, err := card.State()
	if err != nil {
		t.Fatal(err)
	}
	store := &saved.Memory{}
	if err := store.Commit(raw); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestContactlessKey makes a card's key, which stays when the card is made again from its state.
func TestContactlessKey(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	name := []byte{0xF0, 0x54, 0x41, 0x50, 0x10}
	store := &saved.Memory{}
	card, err := machine.Open(jcardsim.CardConfig{Contactless: name, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	send := func(card *jcardsim.Card, command string) []byte {
		t.Helper()
		answer := card.Process(append(append([]byte(command), name...), 0))
		r, err := apdu.ParseResponse(answer)
		if err != nil || r.SW != apdu.SWNormal {
			t.Fatalf("%x: %x", command, answer)
		}
		return r.Data
	}
	card.PowerOn()
	if got, want := send(card, "\x00\xA4\x04\x00\x05"), append([]byte("\x6F\x07\x84\x05"),
		name...); !bytes.Equal(got, want) {
		t.Errorf("SELECT: got %x, want %x", got, want)
	}
	answer := card.Process([]byte{0x00, 0x47, 0x80, 0x00, 0x00})
	if !bytes.HasPrefix(answer, []byte("\x7F\x49\x81\x88\x81\x81\x80")) || len(answer) != 4+136+2 {
		t.Fatalf("GENERATE KEY: %x", answer)
	}
	before, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range [][]byte{name, nil} {
		again, err := machine.Open(jcardsim.CardConfig{Contactless: named, Store: store})
		if err != nil {
			t.Fatal(err)
		}
		if after, err := again.State(); err != nil || !bytes.Equal(before, after) {
			t.Errorf("the state that was loaded isn't the one that was saved: %v", err)
		}
	}
}
