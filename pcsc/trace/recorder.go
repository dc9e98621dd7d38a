package trace

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"tapbench/pcsc"
)

// Options say what a [Recorder] writes.
type Options struct {
	// Header comes first. The card's ATR and protocol are added unless it names them.
	Header Header
	// Redact decides what may be written; nil means [HideData].
	Redact Redactor
	// Now is the clock for durations; nil leaves them out.
	Now func() time.Time
}

// Recorder is a pcsc.Card that writes down every exchange of the card that it wraps, as soon as it
// is complete and in one call of the writer, the idle time before it included: into a file without
// a buffer nothing that was answered is lost when the process is killed. Commands that never reach
// the card aren't written.
//
// A fault of the writer ends the recording and not the dialogue: what the card answered has
// happened. [Recorder.Err] tells it, and Close returns it.
type Recorder struct {
	card   pcsc.Card
	writer *Writer
	redact Redactor
	now    func() time.Time
	last   time.Time // when the last exchange or reset ended

	mu  sync.Mutex // guards err, for Close from another goroutine
	err error
}

var _ pcsc.Card = (*Recorder)(nil)

// NewRecorder writes the header and returns the recorder, which owns the card from then on. If it
// returns an error, the card is still the caller's. w is never closed.
func NewRecorder(card pcsc.Card, w io.Writer, o Options) (*Recorder, error) {
	header := append(Header(nil), o.Header...)
	if atr := card.ATR(); header.Get(KeyATR) == "" && validATR(spaced(atr)) {
		header = append(header, Field{Key: KeyATR, Value: spaced(atr)})
	}
	if p := card.Protocol(); header.Get(KeyProtocol) == "" && p != pcsc.ProtocolUnknown {
		header = append(header, Field{Key: KeyProtocol, Value: p.String()})
	}
	writer, err := NewWriter(w, header)
	if err != nil {
		return nil, &pcsc.Error{Op: "recording", Err: err}
	}
	r := &Recorder{card: card, writer: writer, redact: o.Redact, now: o.Now}
	if r.redact == nil {
		r.redact = HideData
	}
	return r, nil
}

// ATR returns the card's answer to reset.
func (r *Recorder) ATR() []byte { return r.card.ATR() }

// Protocol returns the card's protocol.
func (r *Recorder) Protocol() pcsc.Protocol { return r.card.Protocol() }

// Transmit passes a command on and writes down what came of it.
func (r *Recorder) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if unsent := ctx.Err(); unsent != nil || pcsc.CheckCommand(command) != nil {
		return r.card.Transmit(ctx, command) // which refuses it
	}
	begin := r.begin()
	answer, err := r.card.Transmit(ctx, command)
	if errors.Is(err, pcsc.ErrClosed) || errors.Is(err, pcsc.ErrBadCommand) {
		return answer, err
	}
	step := Step{Kind: Exchange}
	var idle time.Duration
	if r.now != nil {
		end := r.now()
		step.Took = wholeMicroseconds(end.Sub(begin))
		idle = r.idle(begin)
		r.last = end
	}
	if err != nil {
		step.Failure = failureOf(err)
		step.Command, _ = r.redacted(command, nil)
	} else {
		step.Command, step.Answer = r.redacted(command, answer)
	}
	r.write(idle, step)
	return answer, err
}

// begin reads the clock, if there is one.
func (r *Recorder) begin() (now time.Time) {
	if r.now != nil {
		now = r.now()
	}
	return now
}

// idle returns how long nothing passed until now, from the first exchange on.
func (r *Recorder) idle(now time.Time) time.Duration {
	if d := now.Sub(r.last).Truncate(time.Microsecond); !r.last.IsZero() && d > 0 {
		return wholeMicroseconds(d)
	}
	return 0
}

// redacted asks the redactor, and doesn't trust what it can't have meant.
func (r *Recorder) redacted(command, answer []byte) (Message, Message) {
	c, a := r.redact(command, answer)
	if fits(c, command) && fits(a, answer) {
		return c, a
	}
	return HideData(command, answer)
}

// fits reports whether m can stand for b in a trace.
func fits(m Message, b []byte) bool {
	return m.valid(len(b), len(b)) && m.Match(b) < 0
}

// Reset passes the reset on and writes down what came of it.
func (r *Recorder) Reset(ctx context.Context) error {
	unsent := ctx.Err()
	begin := r.begin()
	err := r.card.Reset(ctx)
	if unsent != nil || errors.Is(err, pcsc.ErrClosed) {
		return err
	}
	step := Step{Kind: Reset}
	if err != nil {
		step.Failure = failureOf(err)
	}
	var idle time.Duration
	if r.now != nil {
		idle = r.idle(begin)
		r.last = r.now()
	}
	r.write(idle, step)
	return err
}

// Note writes an event that the card's connection knows nothing of: a [Tear], [Remove] or [Insert].
// The error wraps [ErrInvalid] for any other step.
func (r *Recorder) Note(s Step) error {
	if s.Kind == Exchange || s.Kind == Reset || !s.valid() {
		return ErrInvalid
	}
	var idle time.Duration
	if r.now != nil && s.Kind != Idle {
		now := r.now()
		idle, r.last = r.idle(now), now
	}
	r.write(idle, s)
	return nil
}

// Err returns the fault that ended the recording, or nil.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close closes the card's connection and returns its error, or else that of the recording.
func (r *Recorder) Close() error {
	err := r.card.Close()
	if fault := r.Err(); err == nil && fault != nil {
		return &pcsc.Error{Op: "recording", Err: fault}
	}
	return err
}

func (r *Recorder) write(idle time.Duration, s Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.writer.writeAfter(idle, s)
	}
}

// wholeMicroseconds rounds a duration up to what the grammar can say.
func wholeMicroseconds(d time.Duration) time.Duration {
	d = (d + time.Microsecond - 1).Truncate(time.Microsecond)
	return min(max(d, time.Microsecond), maxNumber*time.Microsecond)
}
