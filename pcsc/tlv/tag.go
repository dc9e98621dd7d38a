package tlv

import (
	"fmt"
	"math/bits"
)

// Tag is a BER tag as the standards write it: 0x5A, 0x9F26, 0xBF0C, 0xDF8101. It has 1 to 4 bytes,
// the first of which isn't 00.
type Tag uint32

// maxTagLen is the length, in bytes, of the longest tag that a Tag holds.
const maxTagLen = 4

// The fields of a tag (ISO/IEC 7816-4:2005, 5.2.2.1; EMV 4.3 Book 3, annex B1).
const (
	tagConstructed = 0x20
	tagNumber      = 0x1F // all set: the number follows in further bytes
	tagMore        = 0x80
)

// Class is the class of a tag: its two highest bits.
type Class byte

// The classes of ISO/IEC 7816-4:2005, 5.2.2.1.
const (
	ClassUniversal Class = iota
	ClassApplication
	ClassContext
	ClassPrivate
)

// Len returns the length of the tag in bytes, 1 to 4.
func (t Tag) Len() int { return max(1, (bits.Len32(uint32(t))+7)/8) }

// first returns the leading byte.
func (t Tag) first() byte { return byte(t >> (8 * (t.Len() - 1)) & 0xFF) }

// Constructed reports whether the value consists of data objects.
func (t Tag) Constructed() bool { return t.first()&tagConstructed != 0 }

// Class returns the class that the leading byte names.
func (t Tag) Class() Class { return Class(t.first() >> 6) }

// Valid reports whether the bytes of the tag are one tag as BER codes it: further bytes exactly
// where the ones before announce them, and no leading 00.
func (t Tag) Valid() bool {
	n := t.Len()
	if t.first() == 0 {
		return false
	}
	if t.first()&tagNumber != tagNumber {
		return n == 1
	}
	for i := n - 2; i > 0; i-- {
		if byte(t>>(8*i)&0xFF)&tagMore == 0 {
			return false
		}
	}
	return n > 1 && byte(t&0xFF)&tagMore == 0
}

// String returns the hexadecimal digits, such as "9F26".
func (t Tag) String() string { return fmt.Sprintf("%0*X", 2*t.Len(), uint32(t)) }

// AppendTo appends the bytes of the tag, 1 to 4.
func (t Tag) AppendTo(dst []byte) []byte {
	for i := t.Len() - 1; i >= 0; i-- {
		dst = append(dst, byte(t>>(8*i)&0xFF))
	}
	return dst
}

// readTag reads one tag from the start of b and returns it with its length in bytes.
func readTag(b []byte) (Tag, int, error) {
	if len(b) == 0 {
		return 0, 0, malformed("tag expected at the end")
	}
	t := Tag(b[0])
	if b[0]&tagNumber != tagNumber {
		return t, 1, nil
	}
	for n := 1; n < maxTagLen; n++ {
		if n == len(b) {
			return 0, 0, malformed("tag cut short")
		}
		t = t<<8 | Tag(b[n])
		if b[n]&tagMore == 0 {
			return t, n + 1, nil
		}
	}
	return 0, 0, malformed("tag longer than 4 bytes")
}
