package conformance

import (
	"fmt"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// probe is a command of the right form whose data, if it has any, are wrong.
type probe struct {
	name   string
	aid    wire.AID // of the application that has it
	c      apdu.Command
	chains bool
	acts   bool    // its data can't be wrong: where nothing is, it would act
	params apdu.SW // for P1-P2 out of range
	data   apdu.SW // for wrong data

	open     bool             // of management: needs no proof
	launches bool             // of management: needs no launch
	works    func(Stage) bool // of management: where its state is right
	before   func()           // sent before it each time, where its state needs that; nil: nothing
}

// exam asks commands with faults put on them.
type exam struct {
	h *Host
	// every is of how many questions one is asked, evenly over all; 1: each.
	every int
	// extended says that each question is asked in extended length, too.
	extended bool
	asked    int
}

// exam returns one for a backend.
func (b Backend) exam(h *Host) *exam {
	e := &exam{h: h, every: 1, extended: !b.Caps.NoExtended}
	if b.Caps.Far {
		const share = 7 // no divisor of how many questions a command has
		e.every = share
	}
	return e
}

// ask puts every set of at most so many faults on a command, beside those that the card's state
// brings and that its data are wrong.
func (e *exam) ask(p probe, natural faultSet, most int) {
	e.h.t.Helper()
	natural = natural.with(faultData, !p.acts)
	for _, s := range p.sets(most) {
		if _, wrong := (s | natural).first(); !wrong {
			continue // it would act
		}
		e.put(p, s, natural, false)
		if e.extended {
			e.put(p, s, natural, true)
		}
	}
}

// put sends one command with faults.
func (e *exam) put(p probe, s, natural faultSet, extended bool) {
	h := e.h
	h.t.Helper()
	if e.asked++; e.asked%e.every != 0 {
		return
	}
	if p.before != nil {
		p.before()
	}
	if s.has(faultBroken) {
		wantSW(h.t, "a chain begins", h.transmit(apdu.Command{
			CLA: 0x90, INS: byte(wire.InsOpenAccount), P1: 0xFF,
		}).SW, wire.SWNormal)
	}
	c := p.command(s)
	chained := !extended && !s.has(faultBytes) && len(c.Data) > apdu.MaxShortNc
	f, _ := (s | natural).first()
	got := e.send(c, s.has(faultBytes), extended)
	if want := p.status(f, chained); got != want {
		wantSW(h.t, fmt.Sprintf("%s %02X%02X with wrong %v and %v, extended %t",
			p.name, p.c.P1, p.c.P2, s, natural, extended), got, want)
	}
	if s.has(faultBytes) && s.has(faultBroken) { // a platform may keep the chain
		h.transmit(apdu.Command{CLA: 0xA0})
	}
}

// send sends a command in one piece if it can, and returns the status word.
func (e *exam) send(c apdu.Command, bytes, long bool) apdu.SW {
	h := e.h
	h.t.Helper()
	if !bytes && !long {
		return h.call(c)
	}
	raw := extended(c)
	if !long {
		c.Data = c.Data[:min(len(c.Data), apdu.MaxShortNc)]
		var err error
		if raw, err = c.Encode(); err != nil {
			h.t.Fatal(err)
		}
	}
	if bytes {
		raw = append(raw, 0, 0, 0)
	}
	return h.transmitRaw(raw).SW
}
