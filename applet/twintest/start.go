package twintest

import (
	"math/rand/v2"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// seedling is where a case begins: a state, and the steps that bring RAM to where it was.
type seedling struct {
	dialogue *dialogue
	at       int // the step that comes next
	from     int // the step before which the state is taken
	prologue []Step
}

func (s *seedling) state() []byte { return s.dialogue.before[s.from] }

// begin returns the seedling before a step of a dialogue. In the management application RAM holds
// the host's proof, the launch, a challenge and a chain, so that few steps of those before are
// needed; in the others all since the selection are.
func (d *dialogue) begin(at int) *seedling {
	selected := at - 1
	for selected >= 0 && !d.selects(selected) && d.steps[selected].Command != nil {
		selected--
	}
	s := &seedling{dialogue: d, at: at, from: at}
	if selected < 0 || d.steps[selected].Command == nil {
		s.from = max(selected, 0)
		s.prologue = d.steps[s.from:at]
		return s
	}
	c, _ := apdu.ParseCommand(d.steps[selected].Command)
	if wire.AID(c.Data) != wire.AIDManagement {
		s.from = selected
		s.prologue = d.steps[selected:at]
		return s
	}
	s.prologue = append(s.prologue, d.steps[selected])
	links := at
	for d.links(links - 1) {
		links--
	}
	for i := selected + 1; i < links; i++ {
		if d.proves(i) {
			s.prologue = append(s.prologue, d.steps[i])
		}
	}
	s.prologue = append(s.prologue, d.steps[links:at]...)
	return s
}

// links says whether a step is a link of a chain that goes on.
func (d *dialogue) links(i int) bool {
	c, err := apdu.ParseCommand(d.steps[i].Command)
	return err == nil && c.CLA == byte(wire.CLAProprietary|wire.CLAChaining)
}

// selects says whether a step selects an application.
func (d *dialogue) selects(i int) bool {
	c, err := apdu.ParseCommand(d.steps[i].Command)
	return err == nil && c.CLA == byte(wire.CLAInterindustry) && c.INS == byte(wire.InsSelect) &&
		swOf(d.answers[i]) == wire.SWNormal
}

// proves says whether a step changes what the management application holds in RAM and nothing
// else, and was accepted: GET CHALLENGE, EXTERNAL AUTHENTICATE and LAUNCH.
func (d *dialogue) proves(i int) bool {
	c, err := apdu.ParseCommand(d.steps[i].Command)
	if err != nil || swOf(d.answers[i]) != wire.SWNormal {
		return false
	}
	if c.CLA == byte(wire.CLAInterindustry) {
		return c.INS == byte(wire.InsGetChallenge) || c.INS == byte(wire.InsExternalAuthenticate)
	}
	return c.CLA == byte(wire.CLAProprietary) && c.INS == byte(wire.InsLaunch)
}

// pick returns a seedling by chance: a part of the suite, a dialogue of it, a step of that.
func (c *corpus) pick(r *rand.Rand) *seedling {
	group := c.groups[r.IntN(len(c.groups))]
	d := group[r.IntN(len(group))]
	return d.begin(r.IntN(len(d.steps)))
}
