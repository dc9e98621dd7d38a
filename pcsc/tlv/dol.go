package tlv

import "fmt"

// DOLEntry is one entry of a data object list: a tag, and how many bytes of its value the card
// wants, 0 to 255 (EMV 4.3 Book 3, 5.4).
type DOLEntry struct {
	Tag Tag
	Len int
}

// ParseDOL reads a data object list such as a PDOL or CDOL: tags, each with a length of one byte.
// The error wraps [ErrMalformed].
func ParseDOL(b []byte) ([]DOLEntry, error) {
	var dol []DOLEntry
	for len(b) > 0 {
		e, rest, err := NextDOL(b)
		if err != nil {
			return nil, err
		}
		dol, b = append(dol, e), rest
	}
	return dol, nil
}

// NextDOL reads the first entry of a data object list that isn't empty, and returns what follows
// it. The error wraps [ErrMalformed]. It allocates nothing for a well-formed list.
func NextDOL(b []byte) (e DOLEntry, rest []byte, err error) {
	tag, n, err := readTag(b)
	if err != nil {
		return DOLEntry{}, nil, fmt.Errorf("data object list: %w", err)
	}
	if n == len(b) {
		return DOLEntry{}, nil,
			fmt.Errorf("data object list: %w: tag %s has no length", ErrMalformed, tag)
	}
	if !tag.Valid() {
		return DOLEntry{}, nil, fmt.Errorf("data object list: %w: tag %s", ErrMalformed, tag)
	}
	return DOLEntry{Tag: tag, Len: int(b[n])}, b[n+1:], nil
}

// AppendDOL appends the entries in the form that [ParseDOL] reads. Of each Len the low byte is
// written.
func AppendDOL(dst []byte, dol ...DOLEntry) []byte {
	for _, e := range dol {
		dst = append(e.Tag.AppendTo(dst), byte(e.Len&0xFF))
	}
	return dst
}

// DOLLen returns how many bytes the values of the entries take together.
func DOLLen(dol []DOLEntry) int {
	n := 0
	for _, e := range dol {
		n += e.Len
	}
	return n
}

// Format says how a value is cut or padded to the length that a list asks for.
type Format byte

// The formats that EMV 4.3 Book 3, 5.4, tells apart.
const (
	// FormatOther (a, an, ans, b, var) loses its rightmost bytes, and is padded right with 00.
	FormatOther Format = iota
	// FormatNumeric (n) loses its leftmost bytes, and is padded left with 00.
	FormatNumeric
	// FormatCompressed (cn) loses its rightmost bytes, and is padded right with FF.
	FormatCompressed
)

// FormatOf returns the format of a data object that EMV 4.3 Book 3, annex A1, lists as n or cn, and
// [FormatOther] for every other tag.
func FormatOf(tag Tag) Format {
	switch tag {
	case 0x5A, 0x9F20:
		return FormatCompressed
	case 0x5F24, 0x5F25, 0x5F28, 0x5F2A, 0x5F30, 0x5F34, 0x5F36, 0x9A, 0x9C,
		0x9F01, 0x9F02, 0x9F03, 0x9F11, 0x9F15, 0x9F1A, 0x9F21, 0x9F35, 0x9F39,
		0x9F3B, 0x9F3C, 0x9F3D, 0x9F41, 0x9F42, 0x9F43, 0x9F44:
		return FormatNumeric
	default:
		return FormatOther
	}
}

// Fill appends to dst what the entries of dol ask for, one value after the other without tags and
// lengths, DOLLen bytes in all (EMV 4.3 Book 3, 5.4):
//   - a value that value doesn't have, and one of a constructed tag, is filled with 00;
//   - a value of the wrong length is cut or padded as its [Format] by [FormatOf] says.
func Fill(dst []byte, dol []DOLEntry, value func(Tag) ([]byte, bool)) []byte {
	for _, e := range dol {
		n := max(0, e.Len)
		v, ok := value(e.Tag)
		if !ok || e.Tag.Constructed() {
			dst = pad(dst, 0, n) // whatever the format
			continue
		}
		dst = fit(dst, v, n, FormatOf(e.Tag))
	}
	return dst
}

// fit appends n bytes made from v.
func fit(dst, v []byte, n int, format Format) []byte {
	switch {
	case format == FormatNumeric && len(v) >= n:
		return append(dst, v[len(v)-n:]...)
	case format == FormatNumeric:
		return append(pad(dst, 0, n-len(v)), v...)
	case len(v) >= n:
		return append(dst, v[:n]...)
	case format == FormatCompressed:
		return pad(append(dst, v...), 0xFF, n-len(v))
	default:
		return pad(append(dst, v...), 0, n-len(v))
	}
}

// pad appends n times b.
func pad(dst []byte, b byte, n int) []byte {
	for range n {
		dst = append(dst, b)
	}
	return dst
}
