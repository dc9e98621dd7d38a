package trace

import (
	"fmt"
	"io"
	"strconv"
	"time"
)

// Writer writes a trace step by step, each in one call of the writer below it, so that a text cut
// off by a fault ends with a whole step wherever the writer below keeps its calls whole.
type Writer struct {
	w      io.Writer
	buffer []byte
}

// NewWriter writes the header. The error wraps [ErrInvalid] for a field that the grammar doesn't
// allow, and then nothing was written; or it is what w returned.
func NewWriter(w io.Writer, header Header) (*Writer, error) {
	t := &Writer{w: w}
	text := append([]byte(Magic), '\n')
	for i, f := range header {
		if fault := header[:i].fault(f); fault != "" {
			return nil, fmt.Errorf("%w: %s", ErrInvalid, fault)
		}
		text = append(append(append(text, f.Key...), ": "...), f.Value...)
		text = append(text, '\n')
	}
	return t, t.write(text)
}

// Write writes one step. The error wraps [ErrInvalid] for a step that the grammar doesn't allow,
// and then nothing was written; or it is what the writer below returned.
func (t *Writer) Write(s Step) error { return t.writeAfter(0, s) }

// writeAfter writes an idle time, unless it is 0, and a step behind it, in one call of the writer
// below.
func (t *Writer) writeAfter(idle time.Duration, s Step) error {
	if !s.valid() {
		return fmt.Errorf("%w: step %s", ErrInvalid, s.Kind)
	}
	t.buffer = t.buffer[:0]
	if pause := (Step{Kind: Idle, Took: idle}); pause.valid() {
		t.buffer = appendStep(t.buffer, pause)
	}
	t.buffer = appendStep(t.buffer, s)
	return t.write(t.buffer)
}

func (t *Writer) write(text []byte) error {
	n, err := t.w.Write(text)
	if err == nil && n < len(text) {
		return io.ErrShortWrite
	}
	return err
}

// appendStep appends the lines of a valid step.
func appendStep(dst []byte, s Step) []byte {
	switch s.Kind {
	case Exchange:
		dst = s.Command.appendTo(dst, ">")
		if s.Failure == "" {
			dst = s.Answer.appendTo(dst, "<")
		}
	case Idle:
		dst = append(dst, "idle "...)
		dst = strconv.AppendInt(dst, int64(s.Took/time.Microsecond), 10)
		return append(dst, " us\n"...)
	case Tear:
		dst = append(dst, "tear "...)
		dst = append(strconv.AppendInt(dst, int64(s.Write), 10), '\n')
	case Reset, Remove, Insert:
		dst = append(append(dst, s.Kind.String()...), '\n')
	}
	if s.Failure != "" {
		dst = append(append(append(dst, "! "...), s.Failure...), '\n')
	}
	if s.Took > 0 {
		dst = append(dst, "took "...)
		dst = strconv.AppendInt(dst, int64(s.Took/time.Microsecond), 10)
		dst = append(dst, " us\n"...)
	}
	return dst
}
