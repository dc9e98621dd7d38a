package emv

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"tapbench/pcsc/tlv"
)

// MaxObjects is how many data objects one card may send in its records, so that a hostile card
// can't fill the terminal's memory.
const MaxObjects = 64

// ObjectList is what a card sent: each primitive data object at most once, values aliasing the
// input.
type ObjectList struct{ elements []tlv.Element }

// Objects reads the data objects of one level. An object that is there twice is [ErrData] (EMV 4.3
// Book 3, 7.1: redundant primitive objects aren't permitted); so are more than [MaxObjects].
func Objects(b []byte) (ObjectList, error) {
	var l ObjectList
	err := l.Add(b)
	return l, err
}

// Add reads further objects of one level into the list, with the rules of [Objects].
func (l *ObjectList) Add(b []byte) error {
	if l.elements == nil {
		const usual = 16 // of one record, or one answer
		l.elements = make([]tlv.Element, 0, usual)
	}
	r := tlv.NewReader(b)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if l.Has(e.Tag) {
			return fmt.Errorf("%w: %s is there twice", ErrData, Describe(e.Tag))
		}
		if len(l.elements) == MaxObjects {
			return fmt.Errorf("%w: more than %d data objects", ErrData, MaxObjects)
		}
		l.elements = append(l.elements, e)
	}
}

// Has reports whether the object is there.
func (l ObjectList) Has(tag tlv.Tag) bool { return l.index(tag) >= 0 }

// index returns where the object is, -1: nowhere.
func (l ObjectList) index(tag tlv.Tag) int {
	return slices.IndexFunc(l.elements, func(e tlv.Element) bool { return e.Tag == tag })
}

// Find returns an object's value, or [ErrData] when it is missing.
func (l ObjectList) Find(tag tlv.Tag) ([]byte, error) {
	if i := l.index(tag); i >= 0 {
		return l.elements[i].Value, nil
	}
	return nil, fmt.Errorf("%w: %s is missing", ErrData, Describe(tag))
}

// Get returns the value of an object that has n bytes, or [ErrData].
func (l ObjectList) Get(tag tlv.Tag, n int) ([]byte, error) {
	value, err := l.Find(tag)
	if err != nil {
		return nil, err
	}
	if len(value) != n {
		return nil, fmt.Errorf("%w of %d", wrongLength(tag, value), n)
	}
	return value, nil
}

// Describe returns a tag with its name where it has one, for an error: "5A (PAN)".
func Describe(tag tlv.Tag) string {
	if name := TagName(tag); name != "" {
		return fmt.Sprintf("%s (%s)", tag, name)
	}
	return tag.String()
}

func wrongLength(tag tlv.Tag, value []byte) error {
	return fmt.Errorf("%w: %s has %d bytes", ErrData, Describe(tag), len(value))
}

func unexpected(tag tlv.Tag) error {
	return fmt.Errorf("%w: %s", ErrData, Describe(tag))
}
