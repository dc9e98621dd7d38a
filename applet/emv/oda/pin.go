package oda

import (
	"errors"
	"fmt"
	"io"
	"math/big"
)

// ErrPIN means that an enciphered PIN doesn't open to one: another key, or damaged.
var ErrPIN = errors.New("not an enciphered PIN")

// What is enciphered (Book 2, 7.2): 7F, the PIN block, the card's challenge, then random bytes up
// to the key's length.
const (
	pinHeader    = 0x7F
	pinBlockLen  = 8
	challengeLen = 8
	pinFixedLen  = 1 + pinBlockLen + challengeLen
)

// EncipherPIN enciphers a PIN block for a card that has answered a challenge. The result is as long
// as the key's modulus. An error wraps [ErrKey], or is random's.
func EncipherPIN(
	random io.Reader, card PublicKey, block [pinBlockLen]byte, challenge [challengeLen]byte,
) ([]byte, error) {
	if err := card.Check(); err != nil {
		return nil, err
	}
	plain := make([]byte, len(card.Modulus))
	plain[0] = pinHeader
	copy(plain[1:], block[:])
	copy(plain[1+pinBlockLen:], challenge[:])
	if _, err := io.ReadFull(random, plain[pinFixedLen:]); err != nil {
		return nil, fmt.Errorf("enciphering a PIN: %w", err)
	}
	return card.recover(plain), nil // the public operation enciphers, too
}

// DecipherPIN is its inverse: the PIN block and the challenge that it was enciphered for. It may be
// a different one from the card's. An error is [ErrPIN].
func DecipherPIN(
	card *PrivateKey, enciphered []byte,
) (block [pinBlockLen]byte, challenge [challengeLen]byte, err error) {
	modulus := card.public.Modulus
	n := new(big.Int).SetBytes(modulus)
	if len(enciphered) != len(modulus) || new(big.Int).SetBytes(enciphered).Cmp(n) >= 0 {
		return block, challenge, ErrPIN
	}
	plain := card.sign(enciphered) // the private operation deciphers, too
	if plain[0] != pinHeader {
		return block, challenge, ErrPIN
	}
	copy(block[:], plain[1:])
	copy(challenge[:], plain[1+pinBlockLen:])
	return block, challenge, nil
}
