package trace

import (
	"errors"
	"fmt"
	"io"

	"tapbench/pcsc"
)

// ErrInvalid means that a header field or a step can't be written because it doesn't keep to the
// grammar. Nothing was written of it.
var ErrInvalid = errors.New("not a trace")

// SyntaxError says where a text leaves the grammar. Line and Column count from 1, Column in bytes.
type SyntaxError struct {
	Line, Column int
	What         string
	// Cut says that the text ends within a step or a field and would have kept to the grammar so
	// far, as a recording does whose process was killed: the steps before are whole. Such an error
	// wraps [io.ErrUnexpectedEOF].
	Cut bool
}

// Error returns place and fault, such as "line 3, column 7: byte expected".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// Unwrap returns [io.ErrUnexpectedEOF] for a text that was cut off, and otherwise nil.
func (e *SyntaxError) Unwrap() error {
	if e.Cut {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// MismatchError says that a dialogue went another way than the trace does. It wraps
// pcsc.ErrOffScript and names headers, lengths and positions, never the data.
type MismatchError struct {
	Line int // the line of the trace, from 1; after the last line if the trace has ended
	What string
	// Want and Got are the answers where a [Replay] found them different. They aren't part of the
	// text of the error, because what a card answers may be nobody's business.
	Want Message
	Got  []byte
	// Sent is the first stand-in that a [Replay] had sent by then, or nil. If the answer is a
	// signature or a cryptogram over it, or follows from one, this is why it differs.
	Sent *Sent
}

// Error returns the line and what differs, such as "line 7: the trace has reset here".
func (e *MismatchError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// Unwrap returns pcsc.ErrOffScript.
func (e *MismatchError) Unwrap() error { return pcsc.ErrOffScript }

// quote writes text from a trace into a message: bounded, and without control characters.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
