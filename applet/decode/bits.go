package decode

import "tapbench/pcsc/tlv"

// Bit is one bit, or a group of bits, of a data element.
type Bit struct {
	Byte int // from 1, the leftmost
	Bit  int // 8 is the highest of a byte, 1 the lowest
	Set  bool
	Text string
}

// Bits returns the meaning of the bits of a value.
func Bits(tag tlv.Tag, value []byte) []Bit { return nil }
