package jcardsim_test

import (
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
)

// connection is a direct connection that remembers its card, for cutting the power.
type connection struct {
	*pcsc.Direct
	card *jcardsim.Card
}

// tornBackend has cards whose power can be cut at each of their stores.
func tornBackend(t testing.TB, folder string) applettest.Backend {
	t.Helper()
	cfg, err := jcardsim.Torn(folder)
	if err != nil {
		t.Fatal(err)
	}
	return backend(jcardsimtest.Start(t, cfg))
}

func backend(machine *jcardsim.Machine) applettest.Backend {
	caps := caps()
	caps.Stores = true
	return applettest.Backend{
		Name: "jcardsim",
		Open: func(t testing.TB) pcsc.Card {
			t.Helper()
			card, err := machine.New()
			if err != nil {
				t.Fatal(err)
			}
			return connection{pcsc.NewDirect(card), card}
		},
		Tear: func(card pcsc.Card, n int, after bool) { tear(card.(connection).card, uint32(n), after) },
		Again: func(t testing.TB, card pcsc.Card) pcsc.Card {
			t.Helper()
			old := card.(connection)
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			<-old.Done()
			return connection{pcsc.NewDirect(old.card), old.card}
		},
		Caps: caps,
	}
}

// tear orders a cut. A machine that is gone shows it with the next command.
func tear(card *jcardsim.Card, n uint32, after bool) {
	if after {
		_ = card.TearAfter(n)
		return
	}
	_ = card.Tear(n)
}

// TestTearing runs what the suite has of power cuts, on the applet.
func TestTearing(t *testing.T) {
	t.Parallel()
	applettest.RunTearing(t, tornBackend(t, jcardsimtest.Folder(t)))
}
