package twintest

import (
	"math/rand/v2"
	"slices"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// Case is a dialogue that begins with a state.
type Case struct {
	seedling *seedling
	steps    []Step // the prologue's first
}

// ownDraws is the first number of the draws of steps that the fuzzer makes. Each case has some.
const (
	ownDraws  = 1 << 30
	caseDraws = 1 << 8
)

// newCase makes a case by chance; the same number gives the same.
func (c *corpus) newCase(seed, number uint64) *Case {
	r := rand.New(rand.NewPCG(seed, number)) //nolint:gosec // to be had again
	s := c.pick(r)
	b := c.builder(r, number)
	b.put(s.prologue...)
	b.body(s)
	return &Case{s, b.steps}
}

// builder returns a builder without steps for the case of a number.
func (c *corpus) builder(r *rand.Rand, number uint64) *builder {
	return &builder{
		mutator: &mutator{Rand: r, corpus: c}, draw: ownDraws + uint32(number%(1<<21))*caseDraws,
	}
}

// builder makes the steps of a case.
type builder struct {
	*mutator
	steps []Step
	draw  uint32
}

func (b *builder) add(commands ...[]byte) {
	for _, command := range commands {
		if len(command) >= apdu.MinCommand {
			b.draw++
			b.put(Step{command, b.draw})
		}
	}
}

// put adds steps and follows what they select.
func (b *builder) put(steps ...Step) {
	for _, s := range steps {
		b.steps = append(b.steps, s)
		if s.Command == nil {
			b.selected = ""
		} else if aid, ok := selection(s.Command); ok {
			b.selected = aid
		}
	}
}

// selection returns the application that a command selects.
func selection(command []byte) (wire.AID, bool) {
	c, err := apdu.ParseCommand(command)
	if err != nil || c.CLA != byte(wire.CLAInterindustry) || c.INS != byte(wire.InsSelect) ||
		c.P1 != wire.P1SelectByAID || c.P2 != 0 {
		return "", false
	}
	return wire.AID(c.Data), slices.Contains(applications(), wire.AID(c.Data))
}

// body goes on with the dialogue's own steps, some of them changed, left out, doubled or swapped,
// and puts others between.
func (b *builder) body(s *seedling) {
	d := s.dialogue
	end := min(s.at+1+b.IntN(8), len(d.steps))
	for at := s.at; at < end; at++ {
		for b.IntN(3) != 0 {
			b.intrude(d)
		}
		step := d.steps[at]
		switch b.IntN(10) {
		case 0: // left out
		case 1:
			b.put(step, step)
		case 2:
			if at+1 < end {
				b.put(d.steps[at+1], step)
				at++
			}
		case 3, 4:
			if step.Command != nil {
				b.add(b.mutate(step.Command)...)
			}
		default:
			b.put(step)
		}
	}
	for b.IntN(4) != 0 {
		b.intrude(d)
	}
}

// intrude puts in what the dialogue doesn't have.
func (b *builder) intrude(d *dialogue) {
	switch b.IntN(24) {
	case 0:
		b.put(Step{})
		b.selects()
	case 1:
		b.selects()
	case 2:
		b.add([]byte{0x00, byte(wire.InsGetResponse), 0, 0, byte(b.IntN(3))})
	case 3:
		b.add([]byte{0x00, byte(wire.InsGetChallenge), 0, 0, 16})
	default:
		var s Step
		if b.IntN(2) == 0 {
			s = d.steps[b.IntN(len(d.steps))]
		} else {
			all := b.corpus.library[b.kind()]
			s = all[b.IntN(len(all))]
		}
		switch {
		case s.Command == nil:
		case b.IntN(3) == 0:
			b.put(s)
		default:
			b.add(b.mutate(s.Command)...)
		}
	}
}

// selects selects an application.
func (b *builder) selects() {
	all := applications()
	aid := all[b.IntN(len(all))]
	b.add(encoded(apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid), Ne: apdu.MaxShortNe,
	}, nil))
}
