//go:build cgo

package jcardsim_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon/readertest"
	"tapbench/pcsc/pcsctest"
)

// TestThroughPCSCD runs the conformance suite over a virtual reader and a real pcscd, then the
// contract of pcsc.Card.
func TestThroughPCSCD(t *testing.T) {
	machine := jcardsimtest.Machine(t)
	reader := readertest.Start(t, newCard(t, machine))
	open := func(t testing.TB) pcsc.Card {
		t.Helper()
		return reader.Open(t, newCard(t, machine))
	}
	far := caps()
	far.Far = true
	t.Run("conformance", func(t *testing.T) {
		applettest.Run(t, applettest.Backend{
			Name: "jCardSim in a virtual reader", Open: open, Caps: far,
		})
	})
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

// TestContract runs the contract of pcsc.Card over cards in process.
func TestContract(t *testing.T) {
	machine := jcardsimtest.Machine(t)
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "jcardsim",
		Open: func(t *testing.T) pcsc.Card { return pcsc.NewDirect(newCard(t, machine)) },
	})
}
