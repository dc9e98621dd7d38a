package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// JSONWriter writes a trace in its JSON Lines form, each step in one call of the writer below.
type JSONWriter struct {
	w      io.Writer
	buffer bytes.Buffer
}

// NewJSONWriter writes the header. It has [NewWriter]'s errors.
func NewJSONWriter(w io.Writer, header Header) (*JSONWriter, error) {
	head := jsonHead{Format: jsonFormat, Version: jsonVersion, Header: []jsonField{}}
	for i, f := range header {
		if fault := header[:i].fault(f); fault != "" {
			return nil, fmt.Errorf("%w: %s", ErrInvalid, fault)
		}
		head.Header = append(head.Header, jsonField(f))
	}
	t := &JSONWriter{w: w}
	return t, t.write(head)
}

// Write writes one step. It has [Writer.Write]'s errors.
func (t *JSONWriter) Write(s Step) error {
	if !s.valid() {
		return fmt.Errorf("%w: step %s", ErrInvalid, s.Kind)
	}
	return t.write(newJSONStep(s))
}

func (t *JSONWriter) write(line any) error {
	t.buffer.Reset()
	e := json.NewEncoder(&t.buffer)
	e.SetEscapeHTML(false)
	if err := e.Encode(line); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	n, err := t.w.Write(t.buffer.Bytes())
	if err == nil && n < t.buffer.Len() {
		return io.ErrShortWrite
	}
	return err
}
