package tlv

import (
	"errors"
	"fmt"
	"io"
)

// MaxDepth is how many constructed objects [Check] and [Walk] accept in one another.
const MaxDepth = 8

// The errors of this package. Reading changes nothing, so no state is to be mended.
var (
	// ErrMalformed means that bytes aren't BER-TLV data objects or a data object list.
	ErrMalformed = errors.New("malformed TLV")
	// ErrNotFound means that no data object has the tag.
	ErrNotFound = errors.New("no such data object")
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Element is one data object. Value aliases the bytes that were read.
type Element struct {
	Tag   Tag
	Value []byte
}

// Reader reads data objects one after the other. The zero Reader is at the end.
type Reader struct {
	rest []byte
	err  error
}

// NewReader returns a Reader over b, which it aliases and never changes.
func NewReader(b []byte) Reader { return Reader{rest: b} }

// Next returns the next data object, or [io.EOF] after the last. Any other error wraps
// [ErrMalformed] and is returned again by every later call.
func (r *Reader) Next() (Element, error) {
	if r.err != nil {
		return Element{}, r.err
	}
	if r.ended() {
		return Element{}, io.EOF
	}
	tag, n, err := readTag(r.rest)
	if err != nil {
		return Element{}, r.fail(err)
	}
	length, m, err := readLength(r.rest[n:])
	if err != nil {
		return Element{}, r.fail(fmt.Errorf("tag %s: %w", tag, err))
	}
	body := r.rest[n+m:]
	if length > len(body) {
		return Element{}, r.fail(fmt.Errorf("%w: tag %s: length %d, %d bytes left",
			ErrMalformed, tag, length, len(body)))
	}
	r.rest = body[length:]
	return Element{Tag: tag, Value: body[:length:length]}, nil
}

// Left returns how many bytes haven't been read; after an error that isn't [io.EOF], 0.
func (r *Reader) Left() int { return len(r.rest) }

// ended reads over padding and reports whether nothing follows it.
func (r *Reader) ended() bool {
	for len(r.rest) > 0 && r.rest[0] == 0 {
		r.rest = r.rest[1:]
	}
	return len(r.rest) == 0 && r.err == nil
}

func (r *Reader) fail(err error) error {
	r.rest, r.err = nil, err
	return err
}

// readLength reads a length field from the start of b and returns it with the field's own length,
// both in bytes. Lengths go up to 16,777,215 bytes.
func readLength(b []byte) (int, int, error) {
	if len(b) == 0 {
		return 0, 0, malformed("length missing")
	}
	if b[0] < 0x80 {
		return int(b[0]), 1, nil
	}
	n := int(b[0] & 0x7F)
	if n == 0 {
		return 0, 0, malformed("indefinite length")
	}
	if n > 3 {
		return 0, 0, malformed("length field of more than 3 bytes")
	}
	if len(b) < 1+n {
		return 0, 0, malformed("length cut short")
	}
	length := 0
	for _, v := range b[1 : 1+n] {
		length = length<<8 | int(v)
	}
	return length, 1 + n, nil
}

// Find follows path from the outside in, taking the first match at each level, and returns the
// value of the last tag; it aliases b. The error wraps [ErrNotFound], or [ErrMalformed] when the
// bytes before the match aren't well-formed. An empty path returns b.
func Find(b []byte, path ...Tag) ([]byte, error) {
	for _, tag := range path {
		value, err := findOne(b, tag)
		if err != nil {
			return nil, err
		}
		b = value
	}
	return b, nil
}

func findOne(b []byte, tag Tag) ([]byte, error) {
	value, ok, err := Lookup(b, tag)
	if err == nil && !ok {
		err = fmt.Errorf("%w: tag %s", ErrNotFound, tag)
	}
	return value, err
}

// Lookup is [Find] of one tag that may well be missing: then it allocates nothing.
func Lookup(b []byte, tag Tag) (value []byte, ok bool, err error) {
	r := NewReader(b)
	for !r.ended() {
		e, err := r.Next()
		if err != nil {
			return nil, false, err
		}
		if e.Tag == tag {
			return e.Value, true, nil
		}
	}
	return nil, false, nil
}
