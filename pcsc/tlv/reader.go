package tlv

import (
	"errors"
	"fmt"
	"io"
)

// What can be wrong with data objects.
var (
	// ErrMalformed means that bytes aren't BER-TLV: a tag or length is cut off or of a form that
	// cards don't use, or a length reaches beyond the bytes that are there.
	ErrMalformed = errors.New("malformed BER-TLV")
	// ErrNotFound means that the object isn't there.
	ErrNotFound = errors.New("data object not found")
)

// MaxDepth is how deep [Check] follows constructed objects.
const MaxDepth = 8

// Element is one data object. Value aliases the bytes that were read.
type Element struct {
	Tag   Tag
	Value []byte
}

// Reader walks the data objects of one level.
type Reader struct {
	rest []byte
	at   int
}

// NewReader returns a reader of the objects in b.
func NewReader(b []byte) Reader { return Reader{rest: b} }

// Next returns the next object, io.EOF after the last one, or an error wrapping [ErrMalformed].
// After an error the reader stays where it is.
func (r *Reader) Next() (Element, error) {
	b := r.rest
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	if len(b) == 0 {
		return Element{}, io.EOF
	}
	tag, n := readTag(b)
	if n == 0 {
		return Element{}, r.malformed("tag", b)
	}
	length, m := readLength(b[n:])
	if m == 0 {
		return Element{}, r.malformed("length", b)
	}
	start := n + m
	if length > len(b)-start {
		return Element{}, r.malformed("value", b)
	}
	end := start + length
	r.at += len(r.rest) - len(b) + end
	r.rest = b[end:]
	return Element{Tag: tag, Value: b[start:end:end]}, nil
}

func (r *Reader) malformed(what string, b []byte) error {
	return fmt.Errorf("%w: %s at byte %d is cut off or of another form",
		ErrMalformed, what, r.at+len(r.rest)-len(b))
}

// readTag returns the tag and its length, or 0 when it is cut off, longer than 4 bytes or not in
// its shortest form.
func readTag(b []byte) (Tag, int) {
	tag := Tag(b[0])
	if b[0]&0x1F != 0x1F {
		return tag, 1
	}
	for i := 1; i < len(b) && i < 4; i++ {
		if i == 1 && b[i] == 0x80 {
			return 0, 0
		}
		tag = tag<<8 | Tag(b[i])
		if b[i]&0x80 == 0 {
			return tag, i + 1
		}
	}
	return 0, 0
}

// readLength returns a definite length of at most 3 bytes after its prefix, and the number of
// bytes that code it, or 0.
func readLength(b []byte) (int, int) {
	if len(b) == 0 {
		return 0, 0
	}
	if b[0] < 0x80 {
		return int(b[0]), 1
	}
	n := int(b[0] & 0x7F)
	if n == 0 || n > 3 || len(b) < 1+n {
		return 0, 0
	}
	length := 0
	for _, x := range b[1 : 1+n] {
		length = length<<8 | int(x)
	}
	return length, 1 + n
}

// Find returns the value of the first object with the first tag, within it that of the first with
// the second, and so on. The error wraps [ErrNotFound] or [ErrMalformed].
func Find(b []byte, path ...Tag) ([]byte, error) {
	for _, tag := range path {
		value, err := first(b, tag)
		if err != nil {
			return nil, err
		}
		b = value
	}
	return b, nil
}

func first(b []byte, tag Tag) ([]byte, error) {
	r := NewReader(b)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: %X", ErrNotFound, uint32(tag))
		}
		if err != nil {
			return nil, err
		}
		if e.Tag == tag {
			return e.Value, nil
		}
	}
}

// Check walks the whole tree and reports whether it is well-formed and at most [MaxDepth] deep.
func Check(b []byte) error { return check(b, MaxDepth) }

func check(b []byte, depth int) error {
	if depth == 0 {
		return fmt.Errorf("%w: more than %d levels", ErrMalformed, MaxDepth)
	}
	r := NewReader(b)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Tag.Constructed() {
			if err := check(e.Value, depth-1); err != nil {
				return fmt.Errorf("in %X: %w", uint32(e.Tag), err)
			}
		}
	}
}
