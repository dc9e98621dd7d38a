package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// MaxLen is the longest profile, in bytes.
const MaxLen = 64 << 10

// Read reads a profile and checks it; see [Parse].
func Read(r io.Reader) (Profile, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxLen+1))
	if err != nil {
		return Profile{}, err
	}
	return Parse(raw)
}

// Parse reads a profile in JSON and checks that it makes a card. Unknown fields, fields that stand
// twice and anything after the object are refused. An error is a [*FieldError].
func Parse(raw []byte) (Profile, error) {
	if len(raw) > MaxLen {
		return Profile{}, wrong("", "more than %d bytes", MaxLen)
	}
	var p Profile
	r := reader{raw: raw, tokens: json.NewDecoder(bytes.NewReader(raw))}
	r.tokens.UseNumber()
	if err := r.value("", reflect.ValueOf(&p).Elem(), ShapeOf()); err != nil {
		return Profile{}, r.at(err)
	}
	if _, err := r.tokens.Token(); !errors.Is(err, io.EOF) {
		return Profile{}, r.at(wrong("", "something follows the profile's end"))
	}
	return p, p.Check()
}

// reader walks along the tokens of a file and the shape of a profile together.
type reader struct {
	raw    []byte
	tokens *json.Decoder
}

// at puts the line into an error.
func (r *reader) at(err error) error {
	var field *FieldError
	if errors.As(err, &field) {
		read := min(int(r.tokens.InputOffset()), len(r.raw))
		field.Line = 1 + bytes.Count(r.raw[:read], []byte("\n"))
	}
	return err
}

// next returns the next token. The tokens' own errors name no field and are put beside one here.
func (r *reader) next(path string) (json.Token, error) {
	token, err := r.tokens.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, wrong(path, "the file ends here")
	}
	if err != nil {
		return nil, wrong(path, "not JSON: %v", err) // %v: a cause of encoding/json's own
	}
	return token, nil
}

func (r *reader) value(path string, into reflect.Value, s Shape) error {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		return r.value(path, into.Elem(), s)
	}
	token, err := r.next(path)
	if err != nil {
		return err
	}
	switch s.Kind {
	case "object":
		if token != json.Delim('{') {
			return wrong(path, "expected an object")
		}
		return r.object(path, into, s)
	case "list":
		if token != json.Delim('[') {
			return wrong(path, "expected a list")
		}
		return r.list(path, into, s)
	case "flag":
		flag, ok := token.(bool)
		if !ok {
			return wrong(path, "expected true or false")
		}
		into.SetBool(flag)
		return nil
	case "number":
		return number(path, token, into, s)
	}
	text, ok := token.(string)
	if !ok {
		return wrong(path, "expected text in quotes")
	}
	return read(path, text, into, s)
}

func (r *reader) object(path string, into reflect.Value, s Shape) error {
	seen := make([]bool, len(s.Fields))
	for r.tokens.More() {
		token, err := r.next(path)
		if err != nil {
			return err
		}
		name, _ := token.(string) // between braces a name comes, or an error
		field, known := s.field(name)
		below := join(path, name)
		switch {
		case !known:
			return wrong(below, "no such field")
		case seen[field.index]:
			return wrong(below, "the field stands there twice")
		}
		seen[field.index] = true
		if err := r.value(below, into.Field(field.index), field); err != nil {
			return err
		}
	}
	if _, err := r.next(path); err != nil {
		return err
	}
	for _, field := range s.Fields {
		if field.Required && !seen[field.index] {
			return wrong(join(path, field.Name), "the field is missing")
		}
	}
	return nil
}

func (s Shape) field(name string) (Shape, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Shape{}, false
}

// join puts a field's name behind a path. A name from a file is shortened.
func join(path, name string) string {
	name = fmt.Sprintf("%.40s", name)
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *reader) list(path string, into reflect.Value, s Shape) error {
	n := uint64(0)
	for r.tokens.More() {
		below := fmt.Sprintf("%s[%d]", path, n)
		if n == s.Max {
			return wrong(below, "more than %d items", s.Max)
		}
		item := reflect.New(into.Type().Elem()).Elem()
		if err := r.value(below, item, *s.Item); err != nil {
			return err
		}
		into.Set(reflect.Append(into, item))
		n++
	}
	if _, err := r.next(path); err != nil {
		return err
	}
	if n < s.Min {
		return wrong(path, "%d items, expected %d to %d", n, s.Min, s.Max)
	}
	return nil
}

func number(path string, token json.Token, into reflect.Value, s Shape) error {
	digits, ok := token.(json.Number)
	value, err := strconv.ParseUint(digits.String(), 10, 64)
	if !ok || err != nil || value < s.Min || value > s.Max {
		return wrong(path, "expected a whole number, %d to %d", s.Min, s.Max)
	}
	into.SetUint(value)
	return nil
}
