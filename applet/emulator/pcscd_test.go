//go:build cgo

package emulator_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/emulator"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon/readertest"
	"tapbench/pcsc/pcsctest"
)

// TestThroughPCSCD runs the conformance suite over a virtual reader and a real pcscd, then the
// contract of pcsc.Card. Power cuts take the card off the reader, half a second each, so that one
// stands for all.
func TestThroughPCSCD(t *testing.T) {
	reader := readertest.Start(t, newCard(t, emulator.Config{}))
	open := func(t testing.TB) pcsc.Card {
		t.Helper()
		return reader.Open(t, newCard(t, emulator.Config{}))
	}
	backend := applettest.Backend{
		Name: "emulator in a virtual reader", Open: open, Caps: applettest.Caps{Far: true},
	}
	t.Run("conformance", func(t *testing.T) { applettest.Run(t, backend) })
	backend.Tear = func(_ pcsc.Card, n int, after bool) {
		tear(reader.Card().(*emulator.Card), n, after)
	}
	backend.Again = reader.Again
	t.Run("power cut", func(t *testing.T) { applettest.RunDialogue(t, backend, "generate-key-torn") })
	pcsctest.TestCard(t, pcsctest.Backend{
		Name:       "contract",
		Open:       func(t *testing.T) pcsc.Card { return open(t) },
		OpenSecond: func(*testing.T) (pcsc.Card, error) { return reader.Connect() },
		StopReader: func(t *testing.T) {
			if err := reader.Stop(); err != nil {
				t.Error(err)
			}
		},
	})
}

// TestContract runs the contract of pcsc.Card over the emulator in process.
func TestContract(t *testing.T) {
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "emulator",
		Open: func(t *testing.T) pcsc.Card { return connect(newCard(t, emulator.Config{})) },
	})
}
