package twintest

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// place is where a command finds a state: before a step of a dialogue, with some P1.
type place struct {
	dialogue *dialogue
	at       int
	p1       byte
}

// find is a command at a place.
type find struct {
	place
	named
	kind
	row cell // without a status word
}

// variant is a way to send a command: the steps, of which those without draws get some, and the
// status word that they are after, or "".
type variant struct {
	steps []Step
	aim   string
}

// sweep makes cases for every command in every state that the corpus knows: as it was recorded, and
// with each fault that PROTOCOL.md has an own status word for, unless that is known.
func (c *corpus) sweep(known func(cell) bool, do func(*Case) error) error {
	draw := uint32(ownDraws) - 1<<20
	taken := map[string]int{}
	for _, d := range c.dialogues {
		for _, f := range d.finds(taken) {
			for _, v := range c.variants(f) {
				aim := f.row
				aim.sw = v.aim
				if v.aim != "" && known(aim) {
					continue
				}
				s := d.begin(f.at)
				steps := slices.Clone(s.prologue)
				for _, step := range v.steps {
					if step.Draw == 0 {
						draw++
						step.Draw = draw
					}
					steps = append(steps, step)
				}
				if err := do(&Case{s, steps}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// places is in how many parts of the suite the sweep looks for each command and state.
const places = 3

// finder finds commands in states.
type finder struct {
	dialogue *dialogue
	accepted map[kind]bool
	taken    map[string]int
	all      []find
}

// finds returns the commands in states that a dialogue is the first of its part of the suite to
// have, in so many parts with and in so many without an accepted command of that kind.
func (d *dialogue) finds(taken map[string]int) []find {
	f := finder{dialogue: d, accepted: d.accepted(), taken: taken}
	var at situation
	for i := range d.steps {
		changed := true
		if i > 0 {
			before := at
			at.pass(d.steps[i-1], d.answers[i-1])
			changed = before != at || differs(d.before[i-1], d.before[i]) >= 0
		}
		if at.selected != "" && d.steps[i].Command != nil {
			f.step(i, &at, changed)
		}
	}
	return f.all
}

// step takes the command of a step and, if RAM or state have changed, all others there.
func (f *finder) step(i int, at *situation, changed bool) {
	d := f.dialogue
	open := part(d.before[i], headLen) != byte(wire.LifeCyclePersonalized)
	all := changed && (at.selected != wire.AIDManagement || at.proven || open)
	own, _ := at.kind(d.steps[i])
	for _, n := range commands(at.selected) {
		found := find{place{d, i, 0}, n, kind{at.selected, byte(n.class), byte(n.ins)}, cell{}}
		if own == found.kind {
			hit, _ := cellOf(at, d.before[i], d.steps[i], d.answers[i])
			found.p1, found.row = d.steps[i].Command[2], cell{hit.command, hit.state, ""}
			f.take(found, hit.sw)
		}
		for p1 := 0; all && p1 <= wire.CardSlots; p1++ { // and one slot that there isn't
			found.p1 = byte(p1)
			command := apdu.Command{CLA: byte(n.class), INS: byte(n.ins), P1: found.p1}
			found.row.command, found.row.state = at.name(command, d.before[i])
			f.take(found, strconv.FormatBool(open))
		}
	}
}

func (f *finder) take(found find, what string) {
	key := fmt.Sprint(f.accepted[found.kind], found.row, what)
	if here := f.dialogue.part() + key; f.taken[here] == 0 && f.taken[key] < places {
		f.taken[here]++
		f.taken[key]++
		f.all = append(f.all, found)
	}
}

// part returns the part of the suite that a dialogue is of.
func (d *dialogue) part() string { return strings.SplitN(d.name, "/", 4)[2] }

// accepted returns the kinds of commands that a dialogue has accepted ones of.
func (d *dialogue) accepted() map[kind]bool {
	all := map[kind]bool{}
	var at situation
	for i, s := range d.steps {
		if k, ok := at.kind(s); ok && swOf(d.answers[i]).IsNormal() && !d.links(i) {
			all[k] = true
		}
		at.pass(s, d.answers[i])
	}
	return all
}

// variants are the ways in which a command is sent at a place.
func (c *corpus) variants(f find) (all []variant) {
	if f.named.ins == wire.InsGetResponse && f.selected != wire.AIDManagement {
		all = append(all, fetchedInParts(f.selected))
	}
	for i, example := range c.examplesOf(f) {
		last := len(example) - 1
		command, err := apdu.ParseCommand(example[last].Command)
		if err != nil {
			continue
		}
		before := example[:last]
		if f.hasSlot() && command.P1 != f.p1 {
			command.P1 = f.p1
			before = withParameters(before, f.p1, command.P2)
		}
		send := func(aim string, first []Step, change func(*apdu.Command)) {
			changed := command
			changed.Data = bytes.Clone(command.Data)
			change(&changed)
			s := Step{Command: encoded(changed, nil)}
			if bytes.Equal(s.Command, example[last].Command) {
				s = example[last]
			}
			all = append(all, variant{append(slices.Concat(first, before), s), aim})
		}
		send("", nil, func(*apdu.Command) {})
		send("61xx", nil, func(a *apdu.Command) { a.Ne = 0 })
		send("6E00", nil, func(a *apdu.Command) { a.CLA |= 0x04 })
		send("6700", nil, func(a *apdu.Command) { a.Data = append(a.Data, 0) })
		wrong := command
		wrong.P2 ^= 0xFF
		all = append(all, variant{[]Step{{Command: encoded(wrong, nil)}}, "6A86"})
		if f.named.ins == wire.InsReadRecord {
			send("6A82", nil, func(a *apdu.Command) { a.P2 = 0x14 })
			send("6A83", nil, func(a *apdu.Command) { a.P1 = 4 })
		}
		if n := len(command.Data); n > 0 {
			send("", nil, func(a *apdu.Command) { a.Data[n-1] ^= 1 })
			send("6A80", nil, func(a *apdu.Command) { a.Data[0] ^= 0xF0 })
			send("6A80", nil, func(a *apdu.Command) { clear(a.Data) })
		}
		if f.selected != wire.AIDManagement {
			continue
		}
		send("6982", []Step{selectStep(f.selected)}, func(*apdu.Command) {})
		link := apdu.Command{CLA: 0x90, INS: byte(wire.InsAIDGrant), Data: []byte{0}}
		send("6883", []Step{{Command: encoded(link, nil)}}, func(*apdu.Command) {})
		before = withParameters(before, command.P1, command.P2^1)
		send("6985", nil, func(a *apdu.Command) { a.P2 ^= 1 })
		before = withParameters(before, command.P1, command.P2)
		for _, first := range preludes(f) {
			if i == 0 {
				send("", []Step{first}, func(*apdu.Command) {})
				send("", []Step{first}, func(a *apdu.Command) {
					if len(a.Data) > 0 {
						a.Data[0] ^= 1
					}
				})
			}
		}
	}
	return all
}

// fetchedInParts selects an application and fetches its answer byte by byte: more waits then.
func fetchedInParts(aid wire.AID) variant {
	return variant{[]Step{
		{Command: encoded(apdu.Command{
			INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid),
		}, nil)},
		{Command: encoded(apdu.Command{INS: byte(wire.InsGetResponse), Ne: 1}, nil)},
	}, "61xx"}
}

// hasSlot says whether P1 of a command is the number of a slot.
func (f *find) hasSlot() bool {
	switch f.named.ins {
	case wire.InsGetData, wire.InsArm, wire.InsLaunch:
		return false
	default:
		return f.selected == wire.AIDManagement
	}
}

// withParameters gives the links of a chain other parameters.
func withParameters(steps []Step, p1, p2 byte) []Step {
	steps = slices.Clone(steps)
	for i := range steps {
		c, err := apdu.ParseCommand(steps[i].Command)
		if err == nil && c.CLA == byte(wire.CLAProprietary|wire.CLAChaining) &&
			(c.P1 != p1 || c.P2 != p2) {
			c.P1, c.P2 = p1, p2
			steps[i] = Step{Command: encoded(c, nil)}
		}
	}
	return steps
}

// preludes are commands without signed data that take a slot, or the arming, elsewhere.
func preludes(f find) (all []Step) {
	var list []apdu.Command
	add := func(data []byte, instructions ...wire.INS) {
		for _, ins := range instructions {
			list = append(list, apdu.Command{INS: byte(ins), P1: f.p1, Data: data})
		}
	}
	switch ins := f.named.ins; {
	case ins >= wire.InsOpenAccount && ins <= wire.InsAIDClose:
		add(nil, wire.InsAIDClose, wire.InsAIDRequest, wire.InsAIDKeys)
	case ins >= wire.InsTokenNew && ins <= wire.InsTokenShow:
		add(nil, wire.InsTokenChain, wire.InsTokenRequest, wire.InsTokenClose)
	case ins >= wire.InsTIDRegister && ins <= wire.InsPutEpochKey:
		add(nil, wire.InsTIDClose)
	case f.hasSlot():
		add(nil, wire.InsCardRequest)
		f.p1 = 0
		add(nil, wire.InsDisarm)
		add([]byte{0, 0, 0, 0, 0x20, 0x00, 0x09, 0x78}, wire.InsArm)
	}
	for _, c := range list {
		c.CLA, c.Ne = byte(wire.CLAProprietary), apdu.MaxShortNe
		all = append(all, Step{Command: encoded(c, nil)})
	}
	return all
}

func selectStep(aid wire.AID) Step {
	return Step{Command: encoded(apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid), Ne: apdu.MaxShortNe,
	}, nil)}
}

// challenges says whether a step is GET CHALLENGE.
func (d *dialogue) challenges(i int) bool {
	c, err := apdu.ParseCommand(d.steps[i].Command)
	return err == nil && c.CLA == byte(wire.CLAInterindustry) && c.INS == byte(wire.InsGetChallenge)
}

// examplesOf returns recordings of a command, each with the challenge before it that it answers, or
// the chain that it ends: of the same dialogue an accepted one and a refused one, and the place's
// own; or else one of another dialogue.
func (c *corpus) examplesOf(f find) (all [][]Step) {
	d := f.dialogue
	var at situation
	found := map[bool]bool{}
	for i, s := range d.steps {
		k, ok := at.kind(s)
		accepted := swOf(d.answers[i]).IsNormal()
		if ok && k == f.kind && !d.links(i) && (!found[accepted] || i == f.at) {
			found[accepted] = true
			from := i
			for from > 0 && (d.links(from-1) || d.challenges(from-1)) {
				from--
			}
			all = append(all, d.steps[from:i+1])
		}
		at.pass(s, d.answers[i])
	}
	if others := c.library[f.kind]; len(all) == 0 && len(others) > 0 {
		all = append(all, others[:1])
	}
	return all
}
