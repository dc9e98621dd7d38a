package jcardsim_test

import (
	"bytes"
	"context"
	"regexp"
	"strconv"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
)

// TestTornStages cuts every command of the way to the last stage before each of its stores. The
// Java side compares the state; a difference ends the machine, and what it said is printed.
func TestTornStages(t *testing.T) {
	cfg, err := jcardsim.Torn(jcardsimtest.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Main = "tapbench.TornCard"
	var log bytes.Buffer
	cfg.Log = &log
	machine, err := jcardsim.Start(context.WithoutCancel(t.Context()), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := machine.Close(); err != nil {
			t.Errorf("%v\n%s", err, log.String())
		}
		const least = 50
		cuts := regexp.MustCompile(`(?m)^cuts: (\d+)$`).FindSubmatch(log.Bytes())
		if cuts == nil {
			t.Fatalf("no cut was counted:\n%s", log.String())
		}
		if n, err := strconv.Atoi(string(cuts[1])); err != nil || n < least {
			t.Errorf("%s cuts, want at least %d", cuts[1], least)
		}
		t.Logf("%s cuts", cuts[1])
	})
	card, err := machine.New()
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() {
		if err := connection.Close(); err != nil {
			t.Error(err)
		}
		<-connection.Done()
	})
	conformance.NewHost(t, connection).Advance(conformance.Armed)
}
