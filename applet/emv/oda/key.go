package oda

import (
	"bytes"
	"fmt"
	"math/big"
)

// Lengths in bytes. A modulus has 128 (1,024 bits: no shorter one is issued) to 248; Book 2, annex
// D1, and B2.1.
const (
	MinModulus = 128
	MaxModulus = 248
)

// PublicKey is an RSA key.
type PublicKey struct {
	Modulus  []byte // 128 to 248 bytes, the highest bit set
	Exponent []byte // 03 or 010001 (Book 2, annex B2.1)
}

// Check refuses, by [ErrKey], a key that EMV doesn't allow: another length, a modulus with a
// leading zero bit or an even one, another exponent.
func (k PublicKey) Check() error {
	n := len(k.Modulus)
	switch {
	case n < MinModulus || n > MaxModulus:
		return fmt.Errorf("%w: modulus of %d bytes, not %d to %d", ErrKey, n, MinModulus, MaxModulus)
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
