package applettest

import (
	"io/fs"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/testdata/vectors"
)

// Caps are what a backend can't do.
type Caps = conformance.Caps

// Backend is a [conformance.Backend] in a test's terms.
type Backend struct {
	Name string
	// Open returns the connection to a fresh card, powered and without keys. The suite closes it.
	Open func(t testing.TB) pcsc.Card
	// Tear and Again are there if the backend can cut the card's power.
	Tear  func(card pcsc.Card, n int, after bool)
	Again func(t testing.TB, card pcsc.Card) pcsc.Card
	Caps  Caps
}

// Run runs the whole suite.
func Run(t *testing.T, b Backend) { conformance.Run(test{t}, b.suited(t)) }

// RunOffline runs what the suite has of offline payments, for who listens in.
func RunOffline(t *testing.T, b Backend) { conformance.RunOffline(test{t}, b.suited(t)) }

// RunTearing runs what the suite has of power cuts.
func RunTearing(t *testing.T, b Backend) { conformance.RunTearing(test{t}, b.suited(t)) }

// RunLacking runs what the suite has of platforms that lack algorithms. Open is as a backend's, to
// a card that lacks some.
func RunLacking(
	t *testing.T, open func(t testing.TB, lacks wire.Algorithm) pcsc.Card, caps Caps,
) {
	t.Helper()
	conformance.RunLacking(test{t}, func(t conformance.TB, lacks wire.Algorithm) pcsc.Card {
		t.Helper()
		return open(inTest(t), lacks)
	}, caps)
}

// RunDialogue replays one dialogue, named without its ending, on a fresh card.
func RunDialogue(t *testing.T, b Backend, name string) {
	t.Helper()
	conformance.RunDialogue(test{t}, b.suited(t), name)
}

// suited makes a backend what the suite takes.
func (b Backend) suited(t *testing.T) conformance.Backend {
	t.Helper()
	dialogues, err := fs.Sub(vectors.Applet, "applet")
	if err != nil {
		t.Fatal(err)
	}
	c := conformance.Backend{
		Name: b.Name, Tear: b.Tear, Caps: b.Caps, Dialogues: dialogues,
		Open: func(t conformance.TB) pcsc.Card {
			t.Helper()
			return b.Open(inTest(t))
		},
	}
	if b.Again != nil {
		c.Again = func(t conformance.TB, card pcsc.Card) pcsc.Card {
			t.Helper()
			return b.Again(inTest(t), card)
		}
	}
	return c
}

// test is a test as the suite's T.
type test struct{ *testing.T }

// Run runs a subtest.
func (t test) Run(name string, f func(conformance.T)) bool {
	t.Helper()
	return t.T.Run(name, func(t *testing.T) {
		t.Helper()
		f(test{t})
	})
}

// inTest returns the test that a case of the suite is.
func inTest(t conformance.TB) testing.TB {
	switch sub := t.(type) {
	case test:
		return sub.T
	case *finder:
		return sub.TB
	}
	t.Fatalf("a case of type %T isn't a test", t)
	return nil
}
