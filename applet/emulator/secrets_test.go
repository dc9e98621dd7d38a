package emulator

import (
	"bytes"
	"errors"
	"testing"
)

func TestKeysRefusesWhatIsNoState(t *testing.T) {
	whole := encodeState(&state{})
	for name, raw := range map[string][]byte{
		"nothing": nil, "another file": []byte("TAPBSE, or so"), "cut off": whole[:len(whole)-1],
		"damaged": append(bytes.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := Keys(raw); !errors.Is(err, ErrForeign) {
				t.Errorf("got %v, want %v", err, ErrForeign)
			}
		})
	}
}

// TestKeys counts the keys of an empty state, and of one in which every byte is set.
func TestKeys(t *testing.T) {
	var full state
	full.walk(func(field []byte) {
		for i := range field {
			field[i] = 7
		}
	})
	banks, tids, cards, tokens := len(full.banks), len(full.tids), len(full.cards), len(full.tokens)
	for name, c := range map[string]struct {
		state           state
		private, shared int
	}{
		"an empty element": {state{}, 0, 0},
		"a full one": {
			full, 2 + 2*banks + 2*tids + cards + tokens, 5*banks + 4*tids + cards + 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			private, shared, err := Keys(encodeState(&c.state))
			if err != nil || len(private) != c.private || len(shared) != c.shared {
				t.Errorf("%d private and %d shared keys, %v; want %d and %d", len(private), len(shared),
					err, c.private, c.shared)
			}
			for _, key := range append(private, shared...) {
				if len(key) != 16 && len(key) != 32 || key[0] != 7 {
					t.Errorf("a key of %d bytes that begins with %d", len(key), key[0])
				}
			}
		})
	}
}
