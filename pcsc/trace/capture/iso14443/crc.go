package iso14443

import "encoding/binary"

// crcLen is the length of either CRC in bytes.
const crcLen = 2

// CRCA returns CRC_A (ISO/IEC 14443-3:2018, annex B): polynomial x^16+x^12+x^5+1, initial
// value 6363. It is sent least significant byte first.
func CRCA(b []byte) uint16 { return crc(0x6363, b) }

// CRCB returns CRC_B (ISO/IEC 14443-3:2018, annex B): the same polynomial, initial value
// FFFF, inverted at the end. It is sent least significant byte first.
func CRCB(b []byte) uint16 { return ^crc(0xFFFF, b) }

// crc runs the register over b, least significant bit first.
func crc(register uint16, b []byte) uint16 {
	for _, v := range b {
		v ^= byte(register & 0xFF)
		v ^= v << 4
		w := uint16(v)
		register = register>>8 ^ w<<8 ^ w<<3 ^ w>>4
	}
	return register
}

// technology is the modulation that a card was activated by.
type technology byte

const (
	technologyUnknown technology = iota
	technologyA
	technologyB
)

// strip takes the CRC off a frame and reports whether it holds. Where the technology isn't known,
// either CRC will do.
func (t technology) strip(frame []byte) ([]byte, bool) {
	if len(frame) <= crcLen {
		return nil, false
	}
	data := frame[:len(frame)-crcLen]
	sent := binary.LittleEndian.Uint16(frame[len(data):])
	return data, t != technologyB && sent == CRCA(data) || t != technologyA && sent == CRCB(data)
}
