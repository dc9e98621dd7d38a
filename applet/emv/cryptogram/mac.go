package cryptogram

import (
	"crypto/des" //nolint:gosec // what plastic cards use
	"crypto/subtle"
)

// Padding is how data are filled up to whole blocks (ISO/IEC 9797-1:2011, 6.3).
type Padding byte

// The paddings.
const (
	// Padding1 appends zeros, none if the data are whole blocks; no data get one block.
	Padding1 Padding = 1
	// Padding2 appends 80, then zeros.
	Padding2 Padding = 2
)

// fill fills data up to blocks of n bytes.
func (p Padding) fill(data []byte, n int) []byte {
	out := append(make([]byte, 0, len(data)+n), data...)
	if p == Padding2 {
		out = append(out, 0x80)
	}
	for len(out) == 0 || len(out)%n != 0 {
		out = append(out, 0)
	}
	return out
}

// MAC is algorithm 3 of ISO/IEC 9797-1:2011 with DES: chained with the key's left half, the last
// block decrypted with the right one and encrypted with the left (EMV 4.3 Book 2, A1.2.1).
func MAC(key Key, padding Padding, parts ...[]byte) [BlockLen]byte {
	var data []byte
	for _, part := range parts {
		data = append(data, part...)
	}
	data = padding.fill(data, BlockLen)
	left, err := des.NewCipher(key[:KeyLen/2]) //nolint:gosec // see above
	if err != nil {
		panic("cryptogram: key of 8 bytes refused") // can't happen: the length is fixed
	}
	var sum [BlockLen]byte
	last := len(data) - BlockLen
	for ; last > 0; last -= BlockLen {
		xor(&sum, data)
		left.Encrypt(sum[:], sum[:])
		data = data[BlockLen:]
	}
	xor(&sum, data)
	return key.encrypt(sum)
}

func xor(sum *[BlockLen]byte, data []byte) {
	for i := range sum {
		sum[i] ^= data[i]
	}
}

// equal compares without telling where two differ.
func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
