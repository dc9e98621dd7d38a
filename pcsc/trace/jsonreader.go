package trace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// JSONReader reads a trace in its JSON Lines form step by step and holds no more than one line.
// Each step is one line; the numbers of lines are those of the file.
//
// White space and the order of members are anybody's choice, and so is how a message is cut into
// plain parts. All else is fixed: names, types, capital digits, and that nothing is unknown, null
// or there twice.
type JSONReader struct {
	lines  *bufio.Reader
	long   []byte // a line that didn't fit into lines' buffer
	cut    bool   // the last line has no end
	header Header
	number int
	err    error // what ended the reading
}

// NewJSONReader reads the header. Like every error of a JSONReader, the error is a [*SyntaxError]
// or what r returned.
func NewJSONReader(r io.Reader) (*JSONReader, error) {
	t := &JSONReader{lines: bufio.NewReaderSize(r, readAheadJSON)}
	line, err := t.read()
	if errors.Is(err, io.EOF) {
		return nil, &SyntaxError{Line: 1, Column: 1, What: "first line is missing"}
	}
	if err != nil {
		return nil, err
	}
	s := jsonScan{line: line}
	t.header = s.head()
	if err := t.fault(&s); err != nil {
		return nil, err
	}
	return t, nil
}

// readAheadJSON is how much is read at once, in bytes.
const readAheadJSON = 16 << 10

// Header returns the fields before the dialogue.
func (t *JSONReader) Header() Header { return t.header }

// Line returns the number of the line that was read last, from 1.
func (t *JSONReader) Line() int { return t.number }

// Next returns the next step, or [io.EOF] after the last. After an error it returns that again. The
// step is the caller's.
func (t *JSONReader) Next() (Step, error) {
	if t.err != nil {
		return Step{}, t.err
	}
	line, err := t.read()
	if err != nil {
		t.err = err
		return Step{}, err
	}
	s := jsonScan{line: line}
	step := s.step()
	if t.err = t.fault(&s); t.err != nil {
		return Step{}, t.err
	}
	step.Line = t.number
	return step, nil
}

// cutOff begins what is said of a text that ends too early.
const cutOff = "the text is cut off: "

// fault returns what is wrong with the line that was scanned, or nil.
func (t *JSONReader) fault(s *jsonScan) error {
	switch end := len(s.line) + 1; {
	case t.cut && (s.fault == nil || s.fault.Column == end):
		what := "the line isn't ended"
		if s.fault != nil {
			what = s.fault.What
		}
		s.fault = &SyntaxError{Column: end, What: cutOff + what, Cut: true}
	case s.fault == nil:
		return nil
	}
	s.fault.Line = t.number
	return s.fault
}

// read returns the next line without its LF, valid until the next call, or io.EOF. A line that
// isn't ended is returned, too; fault finds out how far it kept to the form.
func (t *JSONReader) read() ([]byte, error) {
	piece, err := t.lines.ReadSlice('\n')
	line := piece
	if errors.Is(err, bufio.ErrBufferFull) {
		t.long = append(t.long[:0], piece...)
		for errors.Is(err, bufio.ErrBufferFull) && len(t.long) <= maxJSONLine {
			piece, err = t.lines.ReadSlice('\n')
			t.long = append(t.long, piece...)
		}
		line = t.long
	}
	text := bytes.TrimSuffix(line, []byte("\n"))
	if len(text) > maxJSONLine {
		t.number++
		return nil, &SyntaxError{
			Line: t.number, Column: maxJSONLine + 1,
			What: fmt.Sprintf("line of more than %d bytes", maxJSONLine),
		}
	}
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, io.EOF
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	t.number++
	t.cut = err != nil
	return text, nil
}
