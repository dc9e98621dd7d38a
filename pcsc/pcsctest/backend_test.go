package pcsctest_test

import (
	"bytes"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/tracetest"
)

func TestDirect(t *testing.T) {
	pcsctest.TestCard(t, pcsctest.Direct("direct", nil))
}

func TestCounter(t *testing.T) {
	pcsctest.TestCard(t, pcsctest.Direct("counter", func(_ *testing.T, card pcsc.Card) pcsc.Card {
		return pcsc.NewCounter(card)
	}))
}

// TestRecorder holds a recorder to the contract, and then the player of what it recorded. A player
// can't stop within a command, so the second run has no contract card behind it.
func TestRecorder(t *testing.T) {
	recordings := map[string][]*bytes.Buffer{}
	record := func(t *testing.T, card pcsc.Card) pcsc.Card {
		t.Helper()
		text := new(bytes.Buffer)
		recorder, err := trace.NewRecorder(card, text, trace.Options{Redact: trace.RevealAll})
		if err != nil {
			t.Fatal(err)
		}
		recordings[promise(t)] = append(recordings[promise(t)], text)
		t.Cleanup(func() {
			if err := recorder.Err(); err != nil {
				t.Errorf("recording: %v", err)
			}
		})
		return recorder
	}
	pcsctest.TestCard(t, pcsctest.Direct("recorder", record))
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "player",
		Open: func(t *testing.T) pcsc.Card {
			t.Helper()
			texts := recordings[promise(t)]
			if len(texts) == 0 {
				t.Fatal("nothing was recorded for this promise")
			}
			recordings[promise(t)] = texts[1:]
			return tracetest.Script(t, texts[0].String())
		},
	})
}

// promise returns the name of a subtest without the backend's.
func promise(t *testing.T) string {
	return strings.Join(strings.Split(t.Name(), "/")[2:], "/")
}
