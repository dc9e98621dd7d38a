package tlv

// Append appends one object whose value is the concatenation of parts, with the shortest length
// form.
func Append(dst []byte, tag Tag, parts ...[]byte) []byte {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	dst = appendLength(tag.AppendTo(dst), n)
	for _, part := range parts {
		dst = append(dst, part...)
	}
	return dst
}

func appendLength(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= 0xFF:
		return append(dst, 0x81, byte(n))
	case n <= 0xFFFF:
		return append(dst, 0x82, byte(n>>8), byte(n))
	default:
		return append(dst, 0x83, byte(n>>16), byte(n>>8), byte(n))
	}
}
