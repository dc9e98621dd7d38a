package measure

import (
	"crypto/sha256"
	"slices"
)

// MaxList is the longest list that is written or read, in bytes of its binary form.
const MaxList = 1 << 20

// List is a measurement list: entries in the order in which they were extended. The zero value is
// an empty list. It belongs to one goroutine at a time.
type List struct {
	entries []Entry
	size    int // bytes of the binary form
}

// Append adds a measurement at the end. An entry that can't be recorded ([ErrEntry]) or that would
// make the list longer than [MaxList] ([ErrTooLong]) is refused, and the list stays as it was.
//
// A caller that also extends a PCR appends first: an entry that was recorded but not extended is
// found at the next quote, an extension that was never recorded could never be explained.
func (l *List) Append(e Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	size := encodedSize(e)
	if l.size+size > MaxList {
		return ErrTooLong
	}
	l.entries = append(l.entries, e)
	l.size += size
	return nil
}

// encodedSize returns the length of an entry's binary form.
func encodedSize(e Entry) int {
	return headerSize + len(templateName) + 4 + 4 + digestField + 4 + len(e.Path) + 1
}

// Len returns the number of entries.
func (l *List) Len() int { return len(l.entries) }

// Entries returns a copy of the entries, oldest first.
func (l *List) Entries() []Entry { return slices.Clone(l.entries) }

// Replay returns the value that the list's entries for this PCR lead to from zero: 32 zero bytes
// when there are none.
func (l *List) Replay(pcr int) [32]byte {
	var value [32]byte
	for _, e := range l.entries {
		if e.PCR == pcr {
			value = Extend(value, e.TemplateHash())
		}
	}
	return value
}

// Extend returns what TPM2_PCR_Extend makes of a PCR's value in the SHA-256 bank: SHA-256 over the
// old value and the digest (TPM 2.0 Library, Part 1, revision 1.59, clause 17.2).
func Extend(value, digest [32]byte) [32]byte {
	var both [2 * sha256.Size]byte
	copy(both[:], value[:])
	copy(both[sha256.Size:], digest[:])
	return sha256.Sum256(both[:])
}

// Encode returns the binary form, as in binary_runtime_measurements. It is canonical: equal lists
// give equal bytes, and [ParseList] accepts no others.
func (l *List) Encode() []byte {
	out := make([]byte, 0, l.size)
	for _, e := range l.entries {
		out = e.appendTo(out)
	}
	return out
}
