package capture

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"tapbench/pcsc/trace"
)

// notes collects steps as the text of a trace, which becomes a packet's comment.
type notes struct {
	text   bytes.Buffer
	writer *trace.Writer
}

// open makes notes that may have no step.
func (n *notes) open() error {
	if n.writer != nil {
		return nil
	}
	writer, err := trace.NewWriter(&n.text, nil)
	n.writer = writer
	return err
}

// add adds a step. The error wraps trace.ErrInvalid.
func (n *notes) add(s trace.Step) error {
	if err := n.open(); err != nil {
		return err
	}
	return n.writer.Write(s)
}

func (n *notes) empty() bool { return n.writer == nil }

func (n *notes) size() int { return n.text.Len() }

// take returns the comment, without its last line feed, and empties the notes.
func (n *notes) take() string {
	comment := strings.TrimSuffix(n.text.String(), "\n")
	n.text.Reset()
	n.writer = nil
	return comment
}

// isTrace reports whether a comment says that it is a trace.
func isTrace(comment string) bool {
	return comment == trace.Magic || strings.HasPrefix(comment, trace.Magic+"\n")
}

// parseNotes returns the steps of a comment and the time that passes within all but a last
// exchange, and false if it isn't a trace, has a header, or has an exchange elsewhere than last.
func parseNotes(comment string) (steps []trace.Step, passed time.Duration, ok bool) {
	reader, err := trace.NewReader(strings.NewReader(comment + "\n"))
	if err != nil || len(reader.Header()) > 0 {
		return nil, 0, false
	}
	exchanged := false
	for {
		s, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return steps, passed, true
		}
		if err != nil || exchanged {
			return nil, 0, false
		}
		s.Line = 0
		exchanged = s.Kind == trace.Exchange
		passed += pauseOf(s)
		steps = append(steps, s)
	}
}

// parseHeader returns the header that a section's comment is, and false if it isn't one.
func parseHeader(comment string) (trace.Header, bool) {
	if !isTrace(comment) {
		return nil, false
	}
	reader, err := trace.NewReader(strings.NewReader(comment + "\n"))
	if err != nil {
		return nil, false
	}
	return reader.Header(), true
}
