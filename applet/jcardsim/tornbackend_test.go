package jcardsim_test

import (
	"errors"
	"strings"
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

// TestTearWithoutAgent orders a cut, and asks for counts, of a machine that doesn't run the agent:
// it ends, and says what is missing.
func TestTearWithoutAgent(t *testing.T) {
	for name, ask := range map[string]func(*jcardsim.Card) error{
		"cut": func(c *jcardsim.Card) error { return c.Tear(1) },
		"count": func(c *jcardsim.Card) error {
			_, err := c.Work()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := jcardsim.Built(jcardsimtest.Folder(t))
			if err != nil {
				t.Fatal(err)
			}
			machine, err := jcardsim.Start(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			card, err := machine.New()
			if err != nil {
				t.Fatal(err)
			}
			if err := ask(card); !errors.Is(err, jcardsim.ErrMachine) {
				t.Errorf("got %v, want %v", err, jcardsim.ErrMachine)
			}
			if err := machine.Close(); err == nil || !strings.Contains(err.Error(), "-javaagent") {
				t.Errorf("got %v, want the agent to be named", err)
			}
		})
	}
}
