package twintest

import (
	"bytes"
	"fmt"

	"tapbench/applet/jcardsim"
	"tapbench/pcsc/apdu"
)

// twins are an emulator and an applet in the same state.
type twins struct {
	model   *model
	machine *jcardsim.Machine
	applet  *jcardsim.Card
	store   *store // the applet's
	at      situation
}

// newTwins makes both with a state, or fresh. The machine is one of jcardsim.Recorded.
func newTwins(machine *jcardsim.Machine, state []byte) (*twins, error) {
	m, err := newModel(state)
	if err != nil {
		return nil, err
	}
	w := &twins{model: m, machine: machine, store: &store{state}}
	w.applet, err = machine.Open(jcardsim.CardConfig{Store: w.store})
	return w, err
}

// close gives the applet's card up.
func (w *twins) close() error { return w.applet.Drop() }

// DifferenceError says how the twins' answers to a step, or their states after it, differ.
type DifferenceError struct {
	Step
	Emulator, Applet []byte // the answers
	Field            int    // where the states begin to differ, in bytes; -1: they don't
}

func (d *DifferenceError) Error() string {
	text := fmt.Sprintf("%.80X: the emulator answers %.80X, the applet %.80X",
		d.Command, d.Emulator, d.Applet)
	if d.Field >= 0 {
		text += fmt.Sprintf("; their states differ from byte %d on: %s", d.Field, partAt(d.Field))
	}
	return text
}

// do has both answer a step. It returns the answer, nothing for a reset, and a [*DifferenceError].
// A step that is the platform's to answer isn't asked.
func (w *twins) do(s Step) (answer []byte, err error) {
	if w.at.isPlatforms(s) {
		return nil, nil
	}
	if s.Command == nil {
		w.applet.Reset()
		w.model.do(s)
		w.at = situation{}
		return nil, w.machine.Err()
	}
	if err := w.machine.Record(seedOf(s.Draw)); err != nil {
		return nil, err
	}
	answers := make(chan []byte, 1)
	go func() { answers <- w.applet.Process(s.Command) }() // beside the emulator
	answer = w.model.do(s)
	other := <-answers
	if err := w.machine.Err(); err != nil {
		return nil, fmt.Errorf("%X: %w", s.Command, err)
	}
	field := differs(w.model.store.state, w.store.state)
	if field >= 0 || !bytes.Equal(answer, other) {
		return answer, &DifferenceError{s, answer, other, field}
	}
	w.at.follow(s, answer)
	return answer, nil
}

// differs returns the place of the first byte in which two states differ, or -1.
func differs(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// swOf returns an answer's status word; an answer that is none has 0.
func swOf(answer []byte) apdu.SW {
	r, err := apdu.ParseResponse(answer)
	if err != nil {
		return 0
	}
	return r.SW
}
