package tlv

import "fmt"

// DOLEntry is one entry of a data object list: a tag and the length in bytes that its value takes.
type DOLEntry struct {
	Tag Tag
	Len int
}

// ParseDOL reads a data object list: tags and lengths, no values (EMV 4.3 Book 3, 5.4). A length
// has one byte. The error wraps [ErrMalformed].
func ParseDOL(b []byte) ([]DOLEntry, error) {
	var entries []DOLEntry
	for at := 0; at < len(b); {
		tag, n := readTag(b[at:])
		if n == 0 || at+n >= len(b) || b[at+n] >= 0x80 {
			return nil, fmt.Errorf("%w: DOL entry at byte %d", ErrMalformed, at)
		}
		entries = append(entries, DOLEntry{Tag: tag, Len: int(b[at+n])})
		at += n + 1
	}
	return entries, nil
}

// DOLLen returns the number of bytes that a filled list has.
func DOLLen(dol []DOLEntry) int {
	n := 0
	for _, e := range dol {
		n += e.Len
	}
	return n
}

// Fill appends the values of a list in its order (EMV 4.3 Book 3, 5.4): an unknown or constructed
// object is filled with zeros; a value that is too long loses its leftmost bytes if numeric reports
// true for its tag, else its rightmost; one that is too short is padded with zeros on the left if
// numeric, else on the right.
func Fill(
	dst []byte, dol []DOLEntry, value func(Tag) ([]byte, bool), numeric func(Tag) bool,
) []byte {
	for _, e := range dol {
		v, ok := value(e.Tag)
		if !ok || e.Tag.Constructed() {
			v = nil
		}
		left := numeric != nil && numeric(e.Tag)
		if len(v) > e.Len {
			if left {
				v = v[len(v)-e.Len:]
			} else {
				v = v[:e.Len]
			}
		}
		pad := make([]byte, e.Len-len(v))
		if left {
			dst = append(append(dst, pad...), v...)
		} else {
			dst = append(append(dst, v...), pad...)
		}
	}
	return dst
}
