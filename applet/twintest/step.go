package twintest

import (
	"bytes"

	"tapbench/applet/emulator"
	"tapbench/applet/saved"
	"tapbench/pcsc"
)

// Step is one command, or a reset.
type Step struct {
	// Command is a C-APDU, or bytes that should be one; nil: a reset.
	Command []byte
	// Draw is the number of the draws that the command may make. Two steps of a dialogue have the
	// same number only if they are the same.
	Draw uint32
}

// store keeps the emulator's state, each one in a slice of its own.
type store struct{ state []byte }

var _ saved.Store = (*store)(nil)

func (s *store) Load() ([]byte, error) { return s.state, nil }

func (s *store) Commit(state []byte) error {
	s.state = bytes.Clone(state)
	return nil
}

// model is an emulator with recorded sources.
type model struct {
	card  *emulator.Card
	store *store
	draws *Draws
}

// newModel makes an emulator with a state, or a fresh one, and gives it power.
func newModel(state []byte) (*model, error) {
	m := &model{store: &store{state}, draws: &Draws{}}
	var err error
	m.card, err = emulator.New(emulator.Config{
		Rand: m.draws, Keys: m.draws, Recorded: true, Store: m.store,
	})
	if err != nil {
		return nil, err
	}
	m.card.PowerOn()
	return m, nil
}

// do answers a step; a reset by nothing.
func (m *model) do(s Step) []byte {
	if s.Command == nil {
		m.card.Reset()
		return nil
	}
	m.draws.Begin(seedOf(s.Draw))
	return m.card.Process(bytes.Clone(s.Command))
}

// recorder is an emulator that writes down what it is asked.
type recorder struct {
	*model
	next   *uint32 // the number of the next draws
	record *dialogue
}

var _ pcsc.Processor = (*recorder)(nil)

// dialogue is what was asked of one fresh element.
type dialogue struct {
	name    string
	steps   []Step
	answers [][]byte
	before  [][]byte // the state before each step; nil: a fresh one's
}

func (r *recorder) ATR() []byte { return r.card.ATR() }

func (r *recorder) PowerOn()  { r.Reset() }
func (r *recorder) PowerOff() { r.Reset() }
func (r *recorder) Reset()    { r.note(Step{}) }

func (r *recorder) Process(command []byte) []byte {
	*r.next++
	return r.note(Step{Command: bytes.Clone(command), Draw: *r.next})
}

func (r *recorder) note(s Step) []byte {
	before := r.store.state
	answer := r.do(s)
	d := r.record
	d.steps = append(d.steps, s)
	d.answers = append(d.answers, bytes.Clone(answer)) // who asked may change it
	d.before = append(d.before, before)
	return answer
}
