package trace

import (
	"errors"
	"io"
)

// Dialogue is a trace that was read to its end. It can be played any number of times, by several
// goroutines at once, and isn't read again for it.
type Dialogue struct {
	header  Header
	steps   []Step
	line    int // the last
	answers int // how many bytes all answers have together
}

// Load reads a trace in either form to its end. Errors are those of [Open] and of Next.
func Load(r io.Reader) (*Dialogue, error) {
	in, err := Open(r)
	if err != nil {
		return nil, err
	}
	d := &Dialogue{header: in.Header()}
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			d.line = in.Line()
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		d.steps = append(d.steps, step)
		if n, kept := step.Answer.kept(); kept {
			d.answers += n
		}
	}
}

// Header returns the fields before the dialogue.
func (d *Dialogue) Header() Header { return d.header }

// Len returns the number of steps.
func (d *Dialogue) Len() int { return len(d.steps) }

// Source returns a source of the dialogue's steps, which belong to the dialogue and mustn't be
// changed.
func (d *Dialogue) Source() Source { return &loaded{dialogue: d} }

// Player returns a card at the beginning of the dialogue. It takes the memory for all answers at
// once, so that playing allocates nothing.
func (d *Dialogue) Player() *Player {
	p := newPlayer(d.Source())
	p.answers = make([]byte, d.answers)
	return p
}

// loaded is a source of a dialogue that is in memory.
type loaded struct {
	dialogue *Dialogue
	at       int
}

func (l *loaded) Header() Header { return l.dialogue.header }

func (l *loaded) Next() (Step, error) {
	if l.at == len(l.dialogue.steps) {
		return Step{}, io.EOF
	}
	l.at++
	return l.dialogue.steps[l.at-1], nil
}

func (l *loaded) Line() int {
	if l.at == 0 || l.at == len(l.dialogue.steps) {
		return l.dialogue.line
	}
	return l.dialogue.steps[l.at-1].Line
}
