package logs

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/pcsc/trace"
)

// ErrAbsent means that a trace doesn't hold all bytes of a message, and that the form that is
// written has nothing to put in their place.
var ErrAbsent = errors.New("bytes of this message weren't kept")

// DumpWriter writes a trace in the form of apdu4j's dumps. What apdu4j doesn't know stands in
// comments that begin with "# tapbench: ", which it passes over and [Reader] reads.
type DumpWriter struct {
	w      io.Writer
	losses losses
}

// NewDumpWriter writes the header.
func NewDumpWriter(w io.Writer, header trace.Header) (*DumpWriter, error) {
	d := &DumpWriter{w: w}
	var text strings.Builder
	for _, f := range header {
		switch f.Key {
		case trace.KeyATR:
			_, _ = fmt.Fprintf(&text, "# ATR: %s\n", strings.ReplaceAll(f.Value, " ", ""))
		case trace.KeyProtocol:
			_, _ = fmt.Fprintf(&text, "# PROTOCOL: %s\n", f.Value)
		default:
			_, _ = fmt.Fprintf(&text, "%s%s: %s\n", ownMark, f.Key, f.Value)
		}
	}
	_, _ = text.WriteString("#\n")
	return d, d.write(text.String())
}

// Write writes one step in one call of the writer below. The error wraps [ErrAbsent], and then
// nothing was written, or is what the writer below returned.
func (d *DumpWriter) Write(s trace.Step) error {
	switch s.Kind {
	case trace.Exchange:
		return d.exchange(s)
	case trace.Idle:
		return d.write(fmt.Sprintf("%sidle %d us\n", ownMark, s.Took.Microseconds()))
	case trace.Tear:
		return d.write(fmt.Sprintf("%stear %d\n", ownMark, s.Write))
	case trace.Reset, trace.Remove, trace.Insert:
		if s.Failure != "" {
			return d.write(fmt.Sprintf("%s%s ! %s\n", ownMark, s.Kind, s.Failure))
		}
		return d.write(fmt.Sprintf("%s%s\n", ownMark, s.Kind))
	default:
		return fmt.Errorf("%w: step %s", trace.ErrInvalid, s.Kind)
	}
}

func (d *DumpWriter) exchange(s trace.Step) error {
	command, whole := s.Command.Bytes()
	answer, wholeAnswer := s.Answer.Bytes()
	if !whole || !wholeAnswer {
		return fmt.Errorf("line %d: %w", s.Line, ErrAbsent)
	}
	countMarks(&d.losses, s)
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "%X\n", command)
	if s.Took%time.Millisecond != 0 {
		_, _ = fmt.Fprintf(&text, "%stook %d us\n", ownMark, s.Took/time.Microsecond)
	}
	switch {
	case s.Failure != "":
		_, _ = fmt.Fprintf(&text, "# %dms %s\n", s.Took/time.Millisecond, s.Failure)
	case s.Took > 0:
		_, _ = fmt.Fprintf(&text, "# %dms\n%X\n", s.Took/time.Millisecond, answer)
	default:
		_, _ = fmt.Fprintf(&text, "%X\n", answer)
	}
	return d.write(text.String())
}

// countMarks counts what isn't plain in a step.
func countMarks(l *losses, s trace.Step) {
	for _, m := range []trace.Message{s.Command, s.Answer} {
		for _, p := range m {
			switch p.Mark {
			case trace.Varying:
				l.add("mark of varying bytes")
			case trace.StandIn:
				l.add("mark of stand-ins")
			case trace.Plain, trace.Absent:
			}
		}
	}
}

func (d *DumpWriter) write(text string) error {
	_, err := io.WriteString(d.w, text)
	return err
}

// Losses says what of the trace the dump can't say, in words and with numbers.
func (d *DumpWriter) Losses() []string { return d.losses.list() }
