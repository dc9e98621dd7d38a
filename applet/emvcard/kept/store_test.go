package kept_test

import (
	"errors"
	"testing"

	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/kept"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/saved"
)

// TestKept keeps each built-in card, with states, and opens it again.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, name := range profile.Names()[1:] {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card := personalisetest.Card(t, name)
			var memory saved.Memory
			store := open(t, &memory)
			if store.Card() != nil {
				t.Fatal("an empty store has a card")
			}
			if err := store.Begin(name, card); err != nil {
				t.Fatal(err)
			}
			if err := open(t, &memory).Begin(name, card); !errors.Is(err, kept.ErrBegun) {
				t.Errorf("begun twice: %v", err)
			}
			for _, state := range []string{"", "one", "another"} {
				if state != "" {
					if err := store.Commit([]byte(state)); err != nil {
						t.Fatal(err)
					}
				}
				store = open(t, &memory)
				if got, err := store.Load(); err != nil || string(got) != state {
					t.Errorf("state %q, %v; expected %q", got, err, state)
				}
				checkSame(t, name, card, store.Card())
			}
		})
	}
}

func open(t *testing.T, memory *saved.Memory) *kept.Store {
	t.Helper()
	store, err := kept.Open(memory)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// checkSame compares cards by their encoding: they print as masks.
func checkSame(t *testing.T, name string, want image.Card, got *kept.Card) {
	t.Helper()
	a, err := image.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	b, err := image.Encode(got.Image)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) || got.Profile != name {
		t.Errorf("kept as another card, of profile %q", got.Profile)
	}
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	var memory saved.Memory
	store := open(t, &memory)
	if err := store.Begin("contactless", personalisetest.Card(t, "contactless")); err != nil {
		t.Fatal(err)
	}
	whole, _ := memory.Load()
	whole = append([]byte(nil), whole...)
	for name, raw := range map[string][]byte{
		"something else":     []byte("TAPBSE\x00\x04"),
		"cut off":            whole[:len(whole)-1],
		"nothing but a name": whole[:24],
		"length that lies":   append([]byte("TAPBEMV\x00\x01"), 0xFF, 0xFF, 0xFF, 0xFF),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var memory saved.Memory
			if err := memory.Commit(raw); err != nil {
				t.Fatal(err)
			}
			if _, err := kept.Open(&memory); !errors.Is(err, saved.ErrForeign) {
				t.Errorf("got %v", err)
			}
		})
	}
}
