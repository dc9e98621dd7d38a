package cryptogram

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // what plastic cards use
	"fmt"
	"io"
	"math/bits"
)

// KeyLen is the length in bytes of a triple DES key with two halves, and of an AES key; BlockLen
// that of a triple DES block and of every cryptogram.
const (
	KeyLen   = 16
	BlockLen = 8
)

// Key is a triple DES key or one of AES with 128 bits: an issuer's master key, a card's, or a
// session key. Which of the two it is, its scheme says.
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

// block is the AES cipher.
func (k Key) block() cipher.Block {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("cryptogram: key of 16 bytes refused") // can't happen: the length is fixed
	}
	return block
}

// encryptAES is one block of AES.
func (k Key) encryptAES(in [KeyLen]byte) (out Key) {
	k.block().Encrypt(out[:], in[:])
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

// Keys are master keys, an issuer's or a card's: of application cryptograms (MK_AC), of the MACs of
// scripts (MK_SMI) and of what scripts encipher (MK_SMC). They print as "Keys(hidden)".
type Keys struct {
	AC, MAC, Encipher Key
}

// String hides the keys.
func (Keys) String() string { return "Keys(hidden)" }

// GoString hides the keys.
func (k Keys) GoString() string { return k.String() }

// Format hides the keys, whatever the verb.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the keys.
func (k Keys) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
