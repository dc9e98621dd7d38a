package tlv

// Append appends one data object to dst: tag, shortest length, and the parts of the value one after
// the other. Values of up to 16,777,215 bytes can be read back; longer ones get a length field
// that [Reader] refuses. A tag that isn't [Tag.Valid] is written as it is.
func Append(dst []byte, tag Tag, value ...[]byte) []byte {
	n := 0
	for _, part := range value {
		n += len(part)
	}
	dst = tag.AppendTo(dst)
	dst = appendLength(dst, n)
	for _, part := range value {
		dst = append(dst, part...)
	}
	return dst
}

// appendLength appends n in the shortest definite form.
func appendLength(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n&0xFF))
	case n < 1<<8:
		return append(dst, 0x81, byte(n&0xFF))
	case n < 1<<16:
		return append(dst, 0x82, byte(n>>8&0xFF), byte(n&0xFF))
	case n < 1<<24:
		return append(dst, 0x83, byte(n>>16&0xFF), byte(n>>8&0xFF), byte(n&0xFF))
	default:
		return append(dst, 0x84, byte(n>>24&0xFF), byte(n>>16&0xFF), byte(n>>8&0xFF), byte(n&0xFF))
	}
}
