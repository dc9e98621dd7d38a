package twintest

import (
	"io/fs"
	"slices"
	"testing"
	"testing/cryptotest"

	"tapbench/applet/conformance"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/testdata"
)

// corpus is what the conformance suite asks, and the emulator's answers, which the suite has
// checked: signatures, seals and fields among them.
type corpus struct {
	dialogues []*dialogue
	groups    [][]*dialogue // by the part of the suite
	library   map[kind][]Step
	kinds     map[wire.AID][]kind // of the library, those of an application's own commands
	next      uint32
}

// kind is what commands have in common that have the same name.
type kind struct {
	selected wire.AID
	cla, ins byte
}

// suite is the test as the conformance suite's cases see it: they are no subtests, so that -run
// chooses none of them, and say only what isn't as it should be.
type suite struct {
	*testing.T
	name string
	over *[]func()
}

// Run runs a case.
func (s suite) Run(name string, f func(conformance.T)) bool {
	var over []func()
	f(suite{s.T, s.name + "/" + name, &over})
	for _, cleanup := range slices.Backward(over) {
		cleanup()
	}
	return !s.Failed()
}

// Cleanup has a function called when the case is over.
func (s suite) Cleanup(f func()) { *s.over = append(*s.over, f) }

// Log and Logf say nothing.
func (suite) Log(...any)          {}
func (suite) Logf(string, ...any) {}

// record runs the conformance suite on emulators with recorded sources. The suite's own parties
// draw from the seed.
func record(t *testing.T, seed uint64) *corpus {
	t.Helper()
	cryptotest.SetGlobalRandom(t, seed)
	dialogues, err := fs.Sub(testdata.Vectors, "vectors/applet")
	if err != nil {
		t.Fatal(err)
	}
	c := &corpus{}
	top := suite{t, "", new([]func())}
	top.Run("recorded", func(of conformance.T) {
		conformance.Run(of, conformance.Backend{
			Name: "recorded", Dialogues: dialogues,
			Caps: conformance.Caps{NoExtended: true, Slow: true},
			Open: func(of conformance.TB) pcsc.Card {
				of.Helper()
				m, err := newModel(nil)
				if err != nil {
					of.Fatal(err)
				}
				d := &dialogue{name: of.(suite).name} //nolint:forcetypeassert // as Run makes it
				c.dialogues = append(c.dialogues, d)
				return pcsc.NewDirect(&recorder{model: m, next: &c.next, record: d})
			},
		})
	})
	c.index()
	return c
}

// index sorts what was recorded.
func (c *corpus) index() {
	part := ""
	c.library = map[kind][]Step{}
	for _, d := range c.dialogues {
		if d.part() != part {
			part = d.part()
			c.groups = append(c.groups, nil)
		}
		last := &c.groups[len(c.groups)-1]
		*last = append(*last, d)
		var at situation
		for i, s := range d.steps {
			if k, ok := at.kind(s); ok {
				c.library[k] = append(c.library[k], s)
			}
			at.pass(s, d.answers[i])
		}
	}
	c.kinds = map[wire.AID][]kind{}
	for _, aid := range applications() {
		for _, n := range commands(aid) {
			if k := (kind{aid, byte(n.class), byte(n.ins)}); len(c.library[k]) > 0 {
				c.kinds[aid] = append(c.kinds[aid], k)
			}
		}
	}
}

// kind returns the kind of a command that the element itself answers.
func (s *situation) kind(step Step) (kind, bool) {
	c, err := apdu.ParseCommand(step.Command)
	if err != nil || s.isPlatforms(step) {
		return kind{}, false
	}
	return kind{s.selected, c.CLA &^ byte(wire.CLAChaining), c.INS}, true
}
