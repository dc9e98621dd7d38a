package trace

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"time"
)

// JSONWriter writes a trace in its JSON Lines form, each step as one line in one call of the writer
// below. The same trace is always the same bytes: no white space, members in a fixed order, and
// plain parts that aren't followed by plain ones.
type JSONWriter struct {
	w      io.Writer
	buffer []byte
}

// NewJSONWriter writes the header. The error wraps [ErrInvalid] for a field that the grammar
// doesn't allow, and for a header that is longer than a line, and then nothing was written; or it
// is what w returned.
func NewJSONWriter(w io.Writer, header Header) (*JSONWriter, error) {
	t := &JSONWriter{w: w}
	line := append(t.buffer, `{"format":"`+jsonFormat+`","version":`...)
	line = append(strconv.AppendInt(line, jsonVersion, 10), `,"header":[`...)
	for i, f := range header {
		if fault := header[:i].fault(f); fault != "" {
			return nil, fmt.Errorf("%w: %s", ErrInvalid, fault)
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = appendText(append(line, `{"key":`...), string(f.Key))
		line = append(appendText(append(line, `,"value":`...), f.Value), '}')
	}
	if line = append(line, "]}\n"...); len(line) > maxJSONLine+1 {
		return nil, fmt.Errorf("%w: header of more than %d bytes", ErrInvalid, maxJSONLine)
	}
	return t, t.write(line)
}

// Write writes one step. The error wraps [ErrInvalid] for a step that the grammar doesn't allow,
// and then nothing was written; or it is what the writer below returned.
func (t *JSONWriter) Write(s Step) error {
	if !s.valid() {
		return fmt.Errorf("%w: step %s", ErrInvalid, s.Kind)
	}
	line := appendText(append(t.buffer[:0], `{"step":`...), jsonName(s.Kind))
	if s.Kind == Exchange {
		line = appendParts(append(line, `,"command":`...), s.Command)
	}
	if s.Answer != nil {
		line = appendParts(append(line, `,"answer":`...), s.Answer)
	}
	if s.Failure != "" {
		line = appendText(append(line, `,"failure":`...), string(s.Failure))
	}
	if s.Write != 0 {
		line = strconv.AppendInt(append(line, `,"write":`...), int64(s.Write), 10)
	}
	if s.Took != 0 {
		line = strconv.AppendInt(append(line, `,"took_us":`...), int64(s.Took/time.Microsecond), 10)
	}
	t.buffer = append(line, "}\n"...)
	return t.write(t.buffer)
}

func (t *JSONWriter) write(line []byte) error {
	n, err := t.w.Write(line)
	if err == nil && n < len(line) {
		return io.ErrShortWrite
	}
	return err
}

// appendText appends a string. Text that a trace can hold has no control characters.
func appendText(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for i := range len(text) {
		if c := text[i]; c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, text[i])
	}
	return append(dst, '"')
}

// appendParts appends a message as a list. Plain parts that follow each other are one.
func appendParts(dst []byte, m Message) []byte {
	dst = append(dst, '[')
	for i, p := range m {
		if i > 0 && p.Mark == Plain && m[i-1].Mark == Plain {
			dst = appendHex(dst[:len(dst)-len(`"}`)], p.Bytes)
			dst = append(dst, `"}`...)
			continue
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPart(dst, p)
	}
	return append(dst, ']')
}

func appendPart(dst []byte, p Part) []byte {
	dst = append(dst, '{')
	switch p.Mark {
	case Absent:
		dst = appendText(append(dst, `"absent":`...), p.Label)
		return append(strconv.AppendInt(append(dst, `,"length":`...), int64(p.Len), 10), '}')
	case Varying:
		dst = append(appendText(append(dst, `"varies":`...), p.Label), ',')
	case StandIn:
		dst = append(appendText(append(dst, `"stand_in":`...), p.Label), ',')
	case Plain:
	}
	return append(appendHex(append(dst, `"hex":"`...), p.Bytes), `"}`...)
}

// appendHex appends two capital digits for each byte.
func appendHex(dst, b []byte) []byte {
	at := len(dst)
	dst = hex.AppendEncode(dst, b)
	for i, c := range dst[at:] {
		if c >= 'a' {
			dst[at+i] = c - 'a' + 'A'
		}
	}
	return dst
}
