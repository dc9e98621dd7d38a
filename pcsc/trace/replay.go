package trace

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tapbench/pcsc"
)

// Target is the card that a trace is replayed on, and the hands that act on it. A hand that is nil
// isn't there: a trace that needs it fails at that line with pcsc.ErrNotSupported.
type Target struct {
	// Card is the connection in force; Insert replaces it.
	Card pcsc.Card
	// Tear arranges that the card loses its power at its n-th persistent write from now on.
	Tear func(n int) error
	// Remove takes the card off the reader.
	Remove func() error
	// Insert puts the card back, or gives a torn card its power again, and connects to it. It ends
	// the connection that was in force before.
	Insert func(ctx context.Context) (pcsc.Card, error)
	// StandIns says which commands with stand-ins are sent; unless told, none.
	StandIns StandIns
}

// Replay puts the steps of a trace to the target and compares what comes back, until the end of the
// trace or the first difference. Differences are a [*MismatchError]; every other error names the
// line and wraps its cause. What the trace has instead of bytes matches any bytes in an answer; a
// command with such parts can't be sent and is a mismatch. Commands with stand-ins are sent as
// [Target.StandIns] says; the error for others wraps [ErrStandIn] or [ErrPINStandIn].
func Replay(ctx context.Context, steps Source, target *Target) error {
	var sent *Sent
	for {
		step, err := steps.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the trace: %w", err)
		}
		if sent == nil {
			sent = sentIn(step)
		}
		if err := target.put(ctx, step); err != nil {
			if mismatch := new(MismatchError); errors.As(err, &mismatch) {
				mismatch.Sent = sent
			}
			return err
		}
	}
}

// put carries out one step.
func (t *Target) put(ctx context.Context, s Step) error {
	var err error
	switch s.Kind {
	case Exchange:
		return t.exchange(ctx, s)
	case Reset:
		return compareFailure(s, t.Card.Reset(ctx))
	case Tear:
		err = pcsc.ErrNotSupported
		if t.Tear != nil {
			err = t.Tear(s.Write)
		}
	case Remove:
		err = pcsc.ErrNotSupported
		if t.Remove != nil {
			err = t.Remove()
		}
	case Insert:
		err = t.insert(ctx)
	case Idle:
	}
	if err != nil {
		return fmt.Errorf("line %d: %s: %w", s.Line, s.Kind, err)
	}
	return nil
}

func (t *Target) insert(ctx context.Context) error {
	if t.Insert == nil {
		return pcsc.ErrNotSupported
	}
	card, err := t.Insert(ctx)
	if err != nil {
		return err
	}
	t.Card = card
	return nil
}

// exchange sends the command of a step and compares the answer.
func (t *Target) exchange(ctx context.Context, s Step) error {
	command, plain := s.Command.Bytes()
	if !plain {
		return &MismatchError{Line: s.Line, What: "the command has parts that weren't recorded"}
	}
	if err := t.StandIns.Check(s); err != nil {
		return err
	}
	answer, err := t.Card.Transmit(ctx, command)
	if err != nil || s.Failure != "" {
		return compareFailure(s, err)
	}
	at := s.Answer.Match(answer)
	if at < 0 {
		return nil
	}
	return &MismatchError{
		Line: s.Line,
		What: fmt.Sprintf("%s answered otherwise from byte %d on: got %s, want %s",
			what(s), at+1, tail(Literal(answer)), tail(s.Answer)),
		Want: s.Answer,
		Got:  answer,
	}
}

// compareFailure compares what went wrong with what the step says goes wrong.
func compareFailure(s Step, err error) error {
	switch {
	case s.Failure == "" && err == nil:
		return nil
	case s.Failure == "":
		return fmt.Errorf("line %d: %s: %w", s.Line, what(s), err)
	case err == nil:
		return &MismatchError{
			Line: s.Line, What: fmt.Sprintf("%s succeeded, want %s", what(s), s.Failure),
		}
	case !errors.Is(err, s.Failure.Err()):
		return fmt.Errorf("line %d: %s: want %s, got: %w", s.Line, what(s), s.Failure, err)
	default:
		return nil
	}
}

// tail names an answer by its status word and length.
func tail(m Message) string {
	sw := "a hidden status word"
	if last := m[len(m)-1]; len(last.Bytes) >= 2 {
		sw = spaced(last.Bytes[len(last.Bytes)-2:])
	}
	return fmt.Sprintf("%s (%d bytes)", sw, m.Len())
}
