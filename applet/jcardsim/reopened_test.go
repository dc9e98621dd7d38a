package jcardsim_test

import (
	"bytes"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// openings keeps the commands that open an account.
type openings struct {
	pcsc.Processor
	kept [][]byte
}

func (o *openings) Process(command []byte) []byte {
	if len(command) > 1 && command[1] == byte(wire.InsOpenAccount) {
		o.kept = append(o.kept, bytes.Clone(command))
	}
	return o.Processor.Process(command)
}

// TestReopenedAccountHasNoKeys opens a bank slot anew whose keys were made: neither twin's state
// has them any more.
func TestReopenedAccountHasNoKeys(t *testing.T) {
	t.Parallel()
	machine := jcardsimtest.Machine(t)
	for name, open := range map[string]func(saved.Store) (pcsc.Processor, error){
		"emulator": func(s saved.Store) (pcsc.Processor, error) {
			return emulator.New(emulator.Config{Store: s})
		},
		"applet": func(s saved.Store) (pcsc.Processor, error) {
			return machine.Open(jcardsim.CardConfig{Store: s})
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := &saved.Memory{}
			card, err := open(store)
			if err != nil {
				t.Fatal(err)
			}
			watched := &openings{Processor: card}
			conformance.NewHost(t, connect(t, watched)).Advance(conformance.Replied)
			wantKeys(t, store, 4) // of element, user and account
			for _, command := range watched.kept {
				answer := card.Process(command)
				if !bytes.HasSuffix(answer, []byte{0x90, 0x00}) {
					t.Fatalf("OPEN ACCOUNT again: %x", answer)
				}
			}
			wantKeys(t, store, 2)
		})
	}
}

func wantKeys(t *testing.T, store saved.Store, want int) {
	t.Helper()
	raw, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	private, _, err := emulator.Keys(raw)
	if err != nil || len(private) != want {
		t.Errorf("%d private keys, want %d: %v", len(private), want, err)
	}
}
