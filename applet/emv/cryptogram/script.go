package cryptogram

import (
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
)

// Refusals of secure messaging.
var (
	// ErrMAC means that a command's MAC isn't the issuer's.
	ErrMAC = errors.New("MAC isn't the issuer's")
	// ErrEnciphered means that enciphered data aren't whole blocks, or that their padding is wrong.
	ErrEnciphered = errors.New("enciphered data are malformed")
	// ErrPIN means digits that aren't a PIN of 4 to 12.
	ErrPIN = errors.New("not a PIN")
)

// MACs of commands have 4 to 8 bytes (EMV 4.3 Book 2, 9.2.1.2).
const (
	minMAC = 4
	maxMAC = BlockLen
)

// SignScript is a script command's MAC in format 2 (Book 2, 9.2.3): over its header with Lc as it
// is sent, MAC included, then ATC, the transaction's cryptogram, and the command's data. All 8
// bytes; a card may ask for the leftmost 4 to 7.
func SignScript(session Key, header [5]byte, atc [2]byte, ac AC, data []byte) [BlockLen]byte {
	return MAC(session, Padding2, header[:], atc[:], ac[:], data)
}

// CheckScript checks such a MAC of 4 to 8 bytes, or says [ErrMAC].
func CheckScript(
	session Key, header [5]byte, atc [2]byte, ac AC, data, mac []byte,
) error {
	want := SignScript(session, header, atc, ac, data)
	if len(mac) < minMAC || len(mac) > maxMAC ||
		subtle.ConstantTimeCompare(mac, want[:len(mac)]) == 0 {
		return ErrMAC
	}
	return nil
}

// Encipher enciphers a script command's data (9.3): padding 2, then triple DES, chained from zeros.
func Encipher(session Key, data []byte) []byte {
	out := Padding2.fill(data)
	//nolint:gosec // the standard's: each session key enciphers for one transaction
	cipher.NewCBCEncrypter(session.triple(), make([]byte, BlockLen)).CryptBlocks(out, out)
	return out
}

// Decipher is its inverse, or [ErrEnciphered]. It is to be used behind a MAC only, so that nobody
// can ask what a padding is like.
func Decipher(session Key, enciphered []byte) ([]byte, error) {
	if len(enciphered) == 0 || len(enciphered)%BlockLen != 0 {
		return nil, fmt.Errorf("%w: %d bytes", ErrEnciphered, len(enciphered))
	}
	out := make([]byte, len(enciphered))
	cipher.NewCBCDecrypter(session.triple(), make([]byte, BlockLen)).CryptBlocks(out, enciphered)
	end := len(out) - 1
	for end >= 0 && out[end] == 0 {
		end--
	}
	if end < len(out)-BlockLen || end < 0 || out[end] != 0x80 {
		return nil, fmt.Errorf("%w: padding", ErrEnciphered)
	}
	return out[:end], nil
}

// PINBlock is a PIN of 4 to 12 digits as a card takes it (ISO 9564-1:2017, format 2): 2, length,
// digits, F. It is a secret. An error is [ErrPIN].
func PINBlock(pin string) ([BlockLen]byte, error) {
	const shortest, longest = 4, 12
	var block [BlockLen]byte
	if len(pin) < shortest || len(pin) > longest || strings.Trim(pin, "0123456789") != "" {
		return block, fmt.Errorf("%w: expected %d to %d digits", ErrPIN, shortest, longest)
	}
	block[0] = 0x20 | byte(len(pin))
	padded := pin + strings.Repeat("?", 2*BlockLen-2-len(pin)) // ? is 3F, of which F counts
	for i := range BlockLen - 1 {
		block[i+1] = padded[2*i]<<4 | padded[2*i+1]&0x0F
	}
	return block, nil
}
