package tlv

// Tag is a tag of 1 to 4 bytes, most significant byte first.
type Tag uint32

// Constructed reports whether the tag's objects hold objects: bit 6 of its first byte.
func (t Tag) Constructed() bool { return t.first()&0x20 != 0 }

// Len returns the number of bytes that the tag has on the wire, 1 to 4.
func (t Tag) Len() int {
	switch {
	case t > 0xFFFFFF:
		return 4
	case t > 0xFFFF:
		return 3
	case t > 0xFF:
		return 2
	default:
		return 1
	}
}

func (t Tag) first() byte {
	return byte(t >> (8 * (t.Len() - 1)))
}

// AppendTo appends the tag's bytes.
func (t Tag) AppendTo(dst []byte) []byte {
	for i := t.Len() - 1; i >= 0; i-- {
		dst = append(dst, byte(t>>(8*i)))
	}
	return dst
}
