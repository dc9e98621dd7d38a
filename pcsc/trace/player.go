package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"tapbench/pcsc"
)

// Player is a pcsc.Card that answers from a trace, in strict order. What isn't the next step of the
// trace is refused with a [*MismatchError], and from then on so is everything but Close.
//
//   - A span in a recorded command matches any bytes of its length; a span in an answer can't be
//     played and is a mismatch.
//   - A recorded failure is returned as the error that it names; after [FailureCancelled] the
//     connection is closed.
//   - After a remove every call answers pcsc.ErrCardRemoved until [Player.Insert].
//   - tear, idle and took are read over: what a tear did stands in the steps behind it.
//
// An answer is the caller's, who may keep and change it. Answers are cut one behind the other from
// memory that is taken for many at once, and that goes when the last of them does.
type Player struct {
	steps    Source
	atr      []byte
	protocol pcsc.Protocol
	next     Step // the step that was read and not yet played, if there is one
	ready    bool // whether there is
	removed  bool
	answers  []byte // what is left of the memory that answers are given from

	mu     sync.Mutex // guards what follows, for Close from another goroutine
	closed bool
	busy   bool
	broken error // the mismatch, or the fault in the text
}

var _ pcsc.Card = (*Player)(nil)

// NewPlayer reads the header and returns the card at the beginning of its dialogue. Without an atr
// in the header the card's is 3B 80 80 01 01, without a protocol that is T=1. The error is a
// [*SyntaxError] or what r returned.
func NewPlayer(r io.Reader) (*Player, error) {
	steps, err := Open(r)
	if err != nil {
		return nil, err
	}
	return newPlayer(steps), nil
}

func newPlayer(steps Source) *Player {
	p := &Player{steps: steps, atr: steps.Header().ATR(), protocol: steps.Header().Protocol()}
	if p.atr == nil {
		p.atr = []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	}
	if p.protocol == pcsc.ProtocolUnknown {
		p.protocol = pcsc.ProtocolT1
	}
	return p
}

// Header returns the header of the trace.
func (p *Player) Header() Header { return p.steps.Header() }

// ATR returns the answer to reset that the header names.
func (p *Player) ATR() []byte { return append([]byte(nil), p.atr...) }

// Protocol returns the protocol that the header names.
func (p *Player) Protocol() pcsc.Protocol { return p.protocol }

// Transmit returns the recorded answer if command is the next one in the trace.
func (p *Player) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	const op = "transmitting"
	if err := p.begin(ctx, op, command); err != nil {
		return nil, err
	}
	defer p.end()
	step, err := p.step(op, Exchange)
	if err != nil {
		return nil, err
	}
	if at := step.Command.Match(command); at >= 0 {
		return nil, p.fail(op, mismatch(step, command, at))
	}
	if step.Failure != "" {
		return nil, p.recorded(op, step.Failure)
	}
	answer, kept := p.answer(step.Answer)
	if !kept {
		return nil, p.fail(op, &MismatchError{
			Line: step.Line, What: "the answer has parts that weren't recorded",
		})
	}
	return answer, nil
}

// answersAtOnce is for how many bytes of answers memory is taken at once.
const answersAtOnce = 16 << 10

// answer returns a copy of a message, which is the caller's, and whether all of it was kept.
func (p *Player) answer(m Message) (answer []byte, kept bool) {
	n, kept := m.kept()
	if !kept {
		return nil, false
	}
	if n > len(p.answers) {
		p.answers = make([]byte, max(n, answersAtOnce))
	}
	answer, p.answers = p.answers[:0:n], p.answers[n:]
	for _, part := range m {
		answer = append(answer, part.Bytes...)
	}
	return answer, true
}

// Reset answers as recorded if a reset is next in the trace.
func (p *Player) Reset(ctx context.Context) error {
	const op = "resetting"
	if err := p.begin(ctx, op, nil); err != nil {
		return err
	}
	defer p.end()
	step, err := p.step(op, Reset)
	if err != nil {
		return err
	}
	if step.Failure != "" {
		return p.recorded(op, step.Failure)
	}
	return nil
}

// Insert puts the card back after a remove, if the trace does so here.
func (p *Player) Insert(ctx context.Context) error {
	const op = "inserting"
	if err := p.begin(ctx, op, nil); err != nil {
		return err
	}
	defer p.end()
	if _, err := p.step(op, Insert); err != nil {
		return err
	}
	p.removed = false
	return nil
}

// Close ends the connection. Steps that nobody asked for are a [*MismatchError] with the line of
// the first, unless the dialogue broke off before. A second Close returns nil.
func (p *Player) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	if p.busy || p.broken != nil {
		return nil
	}
	return p.leftover()
}

// Unfinished returns nil once the trace was played to its end, and otherwise what ended the
// dialogue, or the first step that nobody has asked for. It works after Close too.
func (p *Player) Unfinished() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.broken != nil:
		return &pcsc.Error{Op: "playing", Err: p.broken}
	case p.busy:
		return nil
	default:
		return p.leftover()
	}
}

// leftover reports the step that is next, if there is one.
func (p *Player) leftover() error {
	const op = "closing"
	step, err := p.peek()
	for err == nil && step.Kind == Idle { // for which nobody can ask
		p.ready = false
		step, err = p.peek()
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return &pcsc.Error{Op: op, Err: offScript(err)}
	}
	return &pcsc.Error{
		Op: op, Err: &MismatchError{Line: step.Line, What: "nobody asked for " + what(step)},
	}
}

// begin checks what a Card checks before each exchange. command is nil for what isn't one.
func (p *Player) begin(ctx context.Context, op string, command []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	switch {
	case p.closed:
		err = pcsc.ErrClosed
	case p.broken != nil:
		err = p.broken
	case ctx.Err() != nil:
		err = ctx.Err()
	case op == "transmitting":
		err = pcsc.CheckCommand(command)
	}
	if err != nil {
		return &pcsc.Error{Op: op, Err: err}
	}
	p.busy = true
	return nil
}

func (p *Player) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = false
}

// step takes the next step, which is to be of the kind.
func (p *Player) step(op string, kind Kind) (Step, error) {
	for {
		step, err := p.peek()
		switch {
		case p.removed && kind != Insert:
			return Step{}, &pcsc.Error{Op: op, Err: pcsc.ErrCardRemoved}
		case errors.Is(err, io.EOF):
			return Step{}, p.fail(op, &MismatchError{Line: p.steps.Line() + 1, What: "the trace has ended"})
		case err != nil:
			return Step{}, p.fail(op, offScript(err))
		case step.Kind == Tear, step.Kind == Idle:
			p.ready = false
		case step.Kind == Remove && !p.removed:
			p.ready, p.removed = false, true
		case step.Kind != kind:
			return Step{}, p.fail(op, &MismatchError{
				Line: step.Line, What: "the trace has " + what(step) + " here",
			})
		default:
			p.ready = false
			return step, nil
		}
	}
}

// peek reads the next step, or returns io.EOF or the fault in the text.
func (p *Player) peek() (Step, error) {
	if !p.ready {
		var err error
		if in, ok := p.steps.(*Reader); ok {
			err = in.Read(&p.next) // what it holds isn't needed when the next is read
		} else {
			p.next, err = p.steps.Next()
		}
		if err != nil {
			return Step{}, err
		}
		p.ready = true
	}
	return p.next, nil
}

// fail ends the dialogue for good.
func (p *Player) fail(op string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = err
	return &pcsc.Error{Op: op, Err: err}
}

// recorded returns the failure that the trace has.
func (p *Player) recorded(op string, f Failure) error {
	if f == FailureCancelled {
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
	}
	return &pcsc.Error{Op: op, Err: f.Err()}
}

// offScript makes a fault in the text what a Card may return.
func offScript(err error) error { return fmt.Errorf("%w: %w", pcsc.ErrOffScript, err) }

// what names a step without its data.
func what(s Step) string {
	if s.Kind != Exchange {
		return s.Kind.String()
	}
	return "command " + head(s.Command)
}

// head names a command by its header and length.
func head(m Message) string {
	header := "with a hidden header"
	if m[0].Mark == Plain && len(m[0].Bytes) >= 4 {
		header = spaced(m[0].Bytes[:4])
	}
	return fmt.Sprintf("%s (%d bytes)", header, m.Len())
}

// mismatch says where command leaves the one of the trace.
func mismatch(s Step, command []byte, at int) *MismatchError {
	return &MismatchError{
		Line: s.Line,
		What: fmt.Sprintf("the trace has command %s here, got %s, from byte %d on",
			head(s.Command), head(Literal(command)), at+1),
	}
}
