package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxJSONLine is the longest line in bytes: two extended APDUs of which each byte has a mark of its
// own fit into it.
const maxJSONLine = 4 << 20

// JSONReader reads a trace in its JSON Lines form, step by step.
type JSONReader struct {
	lines  *bufio.Reader
	line   []byte
	header Header
	number int
	err    error
}

// NewJSONReader reads the header. Like every error of a JSONReader, the error is a [*SyntaxError]
// or what r returned.
func NewJSONReader(r io.Reader) (*JSONReader, error) {
	t := &JSONReader{lines: bufio.NewReader(r)}
	var head jsonHead
	err := t.read(&head)
	if errors.Is(err, io.EOF) {
		t.number = 1
		return nil, t.fault(1, "first line is missing")
	}
	if err != nil {
		return nil, err
	}
	switch {
	case head.Format != jsonFormat:
		return nil, t.fault(1, "format isn't "+jsonFormat)
	case head.Version != jsonVersion:
		return nil, t.fault(1, fmt.Sprintf("version %d isn't known, only %d", head.Version, jsonVersion))
	}
	for _, f := range head.Header {
		if fault := t.header.fault(Field(f)); fault != "" {
			return nil, t.fault(1, fault)
		}
		t.header = append(t.header, Field(f))
	}
	return t, nil
}

// Header returns the fields before the dialogue.
func (t *JSONReader) Header() Header { return t.header }

// Line returns the number of the line that was read last, from 1.
func (t *JSONReader) Line() int { return t.number }

// Next returns the next step, or [io.EOF] after the last. After an error it returns that again.
func (t *JSONReader) Next() (Step, error) {
	if t.err != nil {
		return Step{}, t.err
	}
	var line jsonStep
	if t.err = t.read(&line); t.err != nil {
		return Step{}, t.err
	}
	s, fault := line.step()
	if fault != "" {
		t.err = t.fault(1, fault)
		return Step{}, t.err
	}
	s.Line = t.number
	return s, nil
}

// read reads one line into v, strictly: no unknown member, none twice, and nothing behind the
// object.
func (t *JSONReader) read(v any) error {
	if err := t.readLine(); err != nil {
		return err
	}
	if at, twice := duplicate(t.line); twice != "" {
		return t.fault(at, "second member "+quote(twice))
	}
	in := json.NewDecoder(bytes.NewReader(t.line))
	in.DisallowUnknownFields()
	if err := in.Decode(v); err != nil {
		return t.fault(column(err, in), jsonFault(err))
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return t.fault(int(in.InputOffset())+1, "nothing follows the object in its line")
	}
	return nil
}

// readLine reads a line without its end into t.line.
func (t *JSONReader) readLine() error {
	t.line = t.line[:0]
	for {
		piece, err := t.lines.ReadSlice('\n')
		t.line = append(t.line, piece...)
		switch {
		case len(t.line) > maxJSONLine:
			t.number++
			return t.fault(maxJSONLine+1, fmt.Sprintf("line of more than %d bytes", maxJSONLine))
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(t.line) == 0:
			return io.EOF
		case errors.Is(err, io.EOF):
			t.number++
			return t.fault(len(t.line)+1, "the line isn't ended")
		case err != nil:
			return err
		}
		t.number++
		t.line = bytes.TrimSuffix(t.line[:len(t.line)-1], []byte("\r"))
		return nil
	}
}

// duplicate returns the name of a member that an object has twice, and the column behind it.
func duplicate(line []byte) (column int, name string) {
	in := json.NewDecoder(bytes.NewReader(line))
	type object struct {
		names map[string]bool // nil in a list
		value bool            // whether a value comes next
	}
	var open []object
	for {
		token, err := in.Token()
		if err != nil {
			return 0, "" // what is wrong is found by decoding
		}
		top := len(open) - 1
		switch delim, isDelim := token.(json.Delim); {
		case isDelim && (delim == '}' || delim == ']'):
			open = open[:top]
		case top >= 0 && open[top].names != nil && !open[top].value:
			key, _ := token.(string)
			if open[top].names[key] {
				return int(in.InputOffset()) + 1, key
			}
			open[top].names[key], open[top].value = true, true
			continue
		case isDelim && delim == '{':
			open = append(open, object{names: make(map[string]bool)})
			continue
		case isDelim:
			open = append(open, object{})
			continue
		}
		if top = len(open) - 1; top >= 0 {
			open[top].value = false
		}
	}
}

// column returns where decoding failed, from 1.
func column(err error, in *json.Decoder) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return max(1, int(syntax.Offset))
	case errors.As(err, &kind):
		return max(1, int(kind.Offset))
	default:
		return int(in.InputOffset()) + 1
	}
}

// jsonFault words a decoder's error without its prefix.
func jsonFault(err error) string {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "an object expected"
	case errors.As(err, &kind):
		return fmt.Sprintf("%s can't be a %s", quote(kind.Field), kind.Value)
	default:
		return string(bytes.TrimPrefix([]byte(err.Error()), []byte("json: ")))
	}
}

func (t *JSONReader) fault(column int, what string) error {
	return &SyntaxError{Line: max(1, t.number), Column: column, What: what}
}
