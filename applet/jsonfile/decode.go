package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// formatMember is the member that names a file's format.
const formatMember = "format"

// Error is what is wrong with a file.
type Error struct {
	Line    int    // where, from 1
	Member  string // its path, such as "applications[0].aid"; empty: the file as a whole
	Problem string // what was expected
}

// Error returns line, member and problem.
func (e *Error) Error() string {
	if e.Member == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
	}
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.Member, e.Problem)
}

// Decode reads the one object of a file into a struct, to which into points. The object's member
// "format" must be there and have this value; an empty one asks for none. An error is an *[Error].
func Decode(raw []byte, format string, into any) error {
	if mark := byteOrderMark(raw); mark != "" {
		return &Error{Line: 1, Problem: "the file begins with a byte order mark of " + mark +
			"; save it as UTF-8 without one"}
	}
	r := reader{raw: raw, tokens: json.NewDecoder(bytes.NewReader(raw)), format: format}
	r.tokens.UseNumber()
	if err := r.value("", reflect.TypeOf(into).Elem()); err != nil {
		return err
	}
	if _, err := r.tokens.Token(); !errors.Is(err, io.EOF) {
		return r.wrong("", "something follows the object")
	}
	if r.format != "" {
		return r.wrong(formatMember, "the member is missing, expected %q", format)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		kind := new(json.UnmarshalTypeError)
		if !errors.As(err, &kind) {
			return r.wrong("", "%v", err)
		}
		at := min(max(kind.Offset, 0), int64(len(raw)))
		return &Error{Line: line(raw[:at]), Member: kind.Field, Problem: "expected a whole number " +
			"that fits " + kind.Type.String()}
	}
	return nil
}

// byteOrderMark returns the encoding that some editors begin a file by naming, or nothing. JSON has
// no such mark (RFC 8259, 8.1).
func byteOrderMark(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		return "UTF-8"
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")), bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return "UTF-16"
	default:
		return ""
	}
}

// reader walks along the tokens of a file and a type together.
type reader struct {
	raw    []byte
	tokens *json.Decoder
	format string // still to be seen
}

func line(before []byte) int { return 1 + bytes.Count(before, []byte("\n")) }

// wrong says what is wrong where the tokens have been read to.
func (r *reader) wrong(member, problem string, args ...any) error {
	at := min(r.tokens.InputOffset(), int64(len(r.raw)))
	return &Error{Line: line(r.raw[:at]), Member: member, Problem: fmt.Sprintf(problem, args...)}
}

// next returns the next token.
func (r *reader) next(path string) (json.Token, error) {
	token, err := r.tokens.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, r.wrong(path, "the file ends here")
	case err != nil:
		return nil, r.wrong(path, "not JSON: %v", err)
	}
	return token, nil
}

func (r *reader) value(path string, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := r.next(path)
	if err != nil || token == nil && path != "" { // null is a member that isn't there
		return err
	}
	switch t.Kind() {
	case reflect.Struct:
		if token == json.Delim('{') {
			return r.object(path, t)
		}
		return r.wrong(path, "expected an object")
	case reflect.Slice:
		if token == json.Delim('[') {
			return r.list(path, t.Elem())
		}
		return r.wrong(path, "expected a list")
	case reflect.String:
		return r.text(path, token)
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return r.wrong(path, "expected true or false")
		}
		return nil
	default:
		if _, ok := token.(json.Number); !ok {
			return r.wrong(path, "expected a whole number")
		}
		return nil
	}
}

// text looks at text, and holds it to the format if it is the member that names one.
func (r *reader) text(path string, token json.Token) error {
	text, ok := token.(string)
	switch {
	case !ok:
		return r.wrong(path, "expected text in quotes")
	case path == formatMember && r.format != "":
		if text != r.format {
			return r.wrong(path, "%.40q, expected %q", text, r.format)
		}
		r.format = ""
	}
	return nil
}

func (r *reader) object(path string, t reflect.Type) error {
	seen := map[string]bool{}
	for r.tokens.More() {
		token, err := r.next(path)
		if err != nil {
			return err
		}
		name, _ := token.(string) // between braces a name comes, or an error
		below := fmt.Sprintf("%.40s", name)
		if path != "" {
			below = path + "." + below
		}
		of, known := member(t, name)
		switch {
		case !known:
			return r.wrong(below, "no such member")
		case seen[name]:
			return r.wrong(below, "the member stands there twice")
		}
		seen[name] = true
		if err := r.value(below, of); err != nil {
			return err
		}
	}
	_, err := r.next(path)
	return err
}

func (r *reader) list(path string, of reflect.Type) error {
	for n := 0; r.tokens.More(); n++ {
		if err := r.value(fmt.Sprintf("%s[%d]", path, n), of); err != nil {
			return err
		}
	}
	_, err := r.next(path)
	return err
}

// member returns the type of the member of that name.
func member(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name && name != "" {
			return f.Type, true
		}
	}
	return nil, false
}
