package trace

import (
	"bufio"
	"errors"
	"io"
)

// Source is a trace that is being read, in either of its forms.
type Source interface {
	// Header returns the fields before the dialogue.
	Header() Header
	// Next returns the next step, or [io.EOF] after the last. After an error it returns that again.
	// The step may be kept; a source that holds all of them hands out its own.
	Next() (Step, error)
	// Line returns the number of the line that was read last, from 1.
	Line() int
}

var (
	_ Source = (*Reader)(nil)
	_ Source = (*JSONReader)(nil)
)

// Open reads the header of a trace in either form: what begins with a brace is in the JSON Lines
// form. Errors are those of [NewReader] and [NewJSONReader].
func Open(r io.Reader) (Source, error) {
	in := bufio.NewReader(r)
	first, err := in.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(first) == 1 && first[0] == '{' {
		return NewJSONReader(in)
	}
	return NewReader(in)
}
