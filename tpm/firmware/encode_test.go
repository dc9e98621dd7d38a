package firmware_test

import (
	"crypto/sha256"
	"encoding/binary"
	"unicode/utf16"
)

// event is what a log of our own making holds.
type event struct {
	pcr    uint32
	kind   uint32
	digest [32]byte
	data   []byte
}

// measured returns an event whose digest is that of its data.
func measured(pcr, kind uint32, data []byte) event {
	return event{pcr, kind, sha256.Sum256(data), data}
}

// locality returns the event that says from where the TPM was started.
func locality(number byte) event {
	return event{0, 3, [32]byte{}, append([]byte("StartupLocality\x00"), number)}
}

// encode returns a log with SHA-256 digests only.
func encode(events ...event) []byte {
	le := binary.LittleEndian
	out := make([]byte, 8+20)
	le.PutUint32(out[4:], 3)
	spec := append([]byte("Spec ID Event03\x00"), 0, 0, 0, 0, 0, 2, 0, 2, 1, 0, 0, 0, 0x0B, 0, 32, 0, 0)
	out = append(le.AppendUint32(out, uint32(len(spec))), spec...)
	for _, e := range events {
		out = le.AppendUint32(out, e.pcr)
		out = le.AppendUint32(out, e.kind)
		out = le.AppendUint32(out, 1)
		out = le.AppendUint16(out, 0x0B)
		out = append(out, e.digest[:]...)
		out = le.AppendUint32(out, uint32(len(e.data)))
		out = append(out, e.data...)
	}
	return out
}

// variable returns a UEFI variable as it is measured.
func variable(name string, value []byte) []byte {
	units := utf16.Encode([]rune(name))
	out := make([]byte, 16)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(units)))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(value)))
	for _, unit := range units {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return append(out, value...)
}

// digests returns a signature list of one digest.
func digests() []byte {
	out := []byte{
		0x26, 0x16, 0xC4, 0xC1, 0x4C, 0x50, 0x92, 0x40, 0xAC, 0xA9, 0x41, 0xF9, 0x36, 0x93, 0x43, 0x28,
	}
	out = binary.LittleEndian.AppendUint32(out, 28+48)
	out = binary.LittleEndian.AppendUint32(out, 0)
	out = binary.LittleEndian.AppendUint32(out, 48)
	return append(out, make([]byte, 48)...)
}
