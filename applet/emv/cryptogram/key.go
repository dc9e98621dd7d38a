package cryptogram

import (
	"crypto/cipher"
	"crypto/des" //nolint:gosec // what plastic cards use
	"fmt"
	"io"
	"math/bits"
)

// KeyLen is the length of a triple DES key with two halves, in bytes; BlockLen that of a block.
const (
	KeyLen   = 16
	BlockLen = 8
)

// Key is a triple DES key: an issuer's master key, a card's, or a session key.
type Key [KeyLen]byte

// Reveal returns the key's bytes.
func (k Key) Reveal() [KeyLen]byte { return k }

// String hides the key.
func (Key) String() string { return "Key(hidden)" }

// GoString hides the key.
func (k Key) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// triple is the cipher: encrypt with the left half, decrypt with the right, encrypt with the left.
func (k Key) triple() cipher.Block {
	block, err := des.NewTripleDESCipher(append(k[:], k[:KeyLen/2]...)) //nolint:gosec // see above
	if err != nil {
		panic("cryptogram: key of 24 bytes refused") // can't happen: the length is fixed
	}
	return block
}

// encrypt is one block.
func (k Key) encrypt(in [BlockLen]byte) (out [BlockLen]byte) {
	k.triple().Encrypt(out[:], in[:])
	return out
}

// odd gives each byte odd parity, by its lowest bit.
func odd(k Key) Key {
	for i, b := range k {
		if bits.OnesCount8(b)%2 == 0 {
			k[i] ^= 1
		}
	}
	return k
}
