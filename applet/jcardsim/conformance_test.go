package jcardsim_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// TestConformance runs the suite on cards in one machine.
func TestConformance(t *testing.T) {
	machine := jcardsimtest.Machine(t)
	applettest.Run(t, applettest.Backend{
		Name: "jcardsim",
		Open: func(t testing.TB) pcsc.Card { return pcsc.NewDirect(newCard(t, machine)) },
		Caps: caps(),
	})
}

func newCard(t testing.TB, machine *jcardsim.Machine) *jcardsim.Card {
	t.Helper()
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// caps are what jCardSim can't do, or does by itself.
func caps() applettest.Caps {
	return applettest.Caps{
		Slow:     true,
		Platform: conformance.Platform{Unselected: apdu.SWNoCurrentEF, Unknown: 0x6999, Selects: true},
	}
}
