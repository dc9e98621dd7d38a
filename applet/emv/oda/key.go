package oda

import (
	"bytes"
	"fmt"
	"math/big"
)

// Lengths of a modulus in bytes. Book 2, annex B2.1, has an upper bound alone: what is too short is
// each payment system's to say, and cards with keys of 96 or 112 bytes are in use.
const (
	// MinModulus is that of the shortest key that is made here: 1,024 bits.
	MinModulus = 128
	// MaxModulus is that of the longest key that there is.
	MaxModulus = 248
	// minUsable is that of the shortest key that is worked with: 512 bits, in which the dynamic data
	// of CDA just fit (6.6.1, tables 18 and 19).
	minUsable = 64
)

// PublicKey is an RSA key.
type PublicKey struct {
	Modulus  []byte // 64 to 248 bytes, the highest bit set
	Exponent []byte // 03 or 010001 (Book 2, annex B2.1)
}

// Check refuses, by [ErrKey], a key that EMV doesn't allow: another length, a modulus with a
// leading zero bit or an even one, another exponent.
func (k PublicKey) Check() error {
	n := len(k.Modulus)
	switch {
	case n < minUsable || n > MaxModulus:
		return fmt.Errorf("%w: modulus of %d bytes, not %d to %d", ErrKey, n, minUsable, MaxModulus)
	case k.Modulus[0]&0x80 == 0:
		return fmt.Errorf("%w: the modulus begins with a zero bit", ErrKey)
	case k.Modulus[n-1]&1 == 0:
		return fmt.Errorf("%w: the modulus is even", ErrKey)
	case !bytes.Equal(k.Exponent, []byte{3}) && !bytes.Equal(k.Exponent, []byte{1, 0, 1}):
		return fmt.Errorf("%w: exponent %X, neither 03 nor 010001", ErrKey, k.Exponent)
	}
	return nil
}

// Equal says whether two keys are the same.
func (k PublicKey) Equal(other PublicKey) bool {
	return bytes.Equal(k.Modulus, other.Modulus) && bytes.Equal(k.Exponent, other.Exponent)
}

// recover is the recovery function (Book 2, annex A2.1): what was signed [modulus length]. A block
// of another length gives nil, and one that isn't below the modulus something else than was signed.
func (k PublicKey) recover(block []byte) []byte {
	if len(block) != len(k.Modulus) {
		return nil
	}
	modulus := new(big.Int).SetBytes(k.Modulus)
	exponent := new(big.Int).SetBytes(k.Exponent)
	plain := new(big.Int).Exp(new(big.Int).SetBytes(block), exponent, modulus)
	return plain.FillBytes(make([]byte, len(k.Modulus)))
}
