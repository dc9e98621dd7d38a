package jcardsim_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// TestLacking runs the suite for platforms that lack algorithms.
func TestLacking(t *testing.T) {
	cfg, err := jcardsim.Recorded(jcardsimtest.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	machine := jcardsimtest.Start(t, cfg)
	applettest.RunLacking(t, func(t testing.TB, lacks wire.Algorithm) pcsc.Card {
		t.Helper()
		if err := machine.Hide(lacks); err != nil {
			t.Fatal(err)
		}
		return pcsc.NewDirect(newCard(t, machine))
	}, caps())
}
