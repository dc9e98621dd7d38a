package cryptogram

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
)

// Refusals of secure messaging.
var (
	// ErrNoMAC means that a command has no MAC object where it must stand.
	ErrNoMAC = errors.New("command has no MAC")
	// ErrMAC means that a command's MAC isn't the issuer's, or that what it covers isn't what the
	// format wants.
	ErrMAC = errors.New("MAC isn't the issuer's")
	// ErrEnciphered means that enciphered data aren't whole blocks, or that their padding is wrong.
	ErrEnciphered = errors.New("enciphered data are malformed")
	// ErrLong means that data don't fit a command.
	ErrLong = errors.New("data don't fit a command")
)

// MACs of commands have 4 to 8 bytes (EMV 4.3 Book 2, 9.2.1).
const (
	MinMAC = 4
	MaxMAC = BlockLen
)

// SignScript is a script command's MAC in format 2 (Book 2, 9.2.3): over its header with Lc as it
// is sent, MAC included, then ATC, the transaction's cryptogram, and the command's data. All 8
// bytes; a card may ask for the leftmost 4 to 7.
func SignScript(session Key, header [5]byte, atc [2]byte, ac AC, data []byte) [BlockLen]byte {
	return MAC(session, Padding2, header[:], atc[:], ac[:], data)
}

// SignChained is a script command's MAC in format 1 with triple DES (Book 2, 9.2.3.1 and annex D2):
// over the chaining value, CLA INS P1 P2, and the data object if there is one, each padded with 80
// 00.. to whole blocks. The chaining value is the transaction's first cryptogram, then the whole
// MAC of the command before.
func SignChained(session Key, chain [BlockLen]byte, header [4]byte, object []byte) [BlockLen]byte {
	return MAC(session, Padding1, chained(BlockLen, chain[:], header, object))
}

// SignChainedAES is the same with AES: a CMAC, of which a command carries the leftmost 4 to 8
// bytes. The first cryptogram has 8 zeros behind it, as a chaining value is as long as a block.
func SignChainedAES(session Key, chain [KeyLen]byte, header [4]byte, object []byte) [KeyLen]byte {
	return message.CMAC(session, chained(KeyLen, chain[:], header, object))
}

// chained is what a MAC of format 1 covers, in blocks of n bytes.
func chained(n int, chain []byte, header [4]byte, object []byte) []byte {
	out := append(slices.Clone(chain), Padding2.fill(header[:], n)...)
	if len(object) > 0 {
		out = append(out, Padding2.fill(object, n)...)
	}
	return out
}

// Encipher enciphers a script command's data (9.3): padding 2, then triple DES, chained from zeros.
func Encipher(session Key, data []byte) []byte { return encipher(session.triple(), data) }

// Decipher is its inverse, or [ErrEnciphered]. It is to be used behind a MAC only, so that nobody
// can ask what a padding is like.
func Decipher(session Key, enciphered []byte) ([]byte, error) {
	return decipher(session.triple(), enciphered)
}

// EncipherAES is the same with AES.
func EncipherAES(session Key, data []byte) []byte { return encipher(session.block(), data) }

// DecipherAES is its inverse, as [Decipher] is.
func DecipherAES(session Key, enciphered []byte) ([]byte, error) {
	return decipher(session.block(), enciphered)
}

// EncipherCounted enciphers as pyemv 1.5 does it for versions 10 and 18 (EncryptionType.VISA): the
// length in one byte, the data, padding 2, then triple DES block by block. Data have at most 255
// bytes.
func EncipherCounted(session Key, data []byte) []byte {
	out := Padding2.fill(append([]byte{byte(len(data))}, data...), BlockLen)
	block := session.triple()
	for rest := out; len(rest) > 0; rest = rest[BlockLen:] {
		block.Encrypt(rest, rest)
	}
	return out
}

// DecipherCounted is its inverse, as [Decipher] is.
func DecipherCounted(session Key, enciphered []byte) ([]byte, error) {
	block := session.triple()
	if len(enciphered) == 0 || len(enciphered)%BlockLen != 0 {
		return nil, fmt.Errorf("%w: %d bytes", ErrEnciphered, len(enciphered))
	}
	out := append([]byte(nil), enciphered...)
	for rest := out; len(rest) > 0; rest = rest[BlockLen:] {
		block.Decrypt(rest, rest)
	}
	out, err := unfill(out, BlockLen)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 || int(out[0]) != len(out)-1 {
		return nil, fmt.Errorf("%w: length", ErrEnciphered)
	}
	return out[1:], nil
}

func encipher(block cipher.Block, data []byte) []byte {
	out := Padding2.fill(data, block.BlockSize())
	//nolint:gosec // the standard's: each session key enciphers for one transaction
	cipher.NewCBCEncrypter(block, make([]byte, block.BlockSize())).CryptBlocks(out, out)
	return out
}

func decipher(block cipher.Block, enciphered []byte) ([]byte, error) {
	n := block.BlockSize()
	if len(enciphered) == 0 || len(enciphered)%n != 0 {
		return nil, fmt.Errorf("%w: %d bytes", ErrEnciphered, len(enciphered))
	}
	out := make([]byte, len(enciphered))
	cipher.NewCBCDecrypter(block, make([]byte, n)).CryptBlocks(out, enciphered)
	return unfill(out, n)
}

// unfill takes padding 2 off blocks of n bytes.
func unfill(data []byte, n int) ([]byte, error) {
	end := len(data) - 1
	for end >= 0 && data[end] == 0 {
		end--
	}
	if end < len(data)-n || end < 0 || data[end] != 0x80 {
		return nil, fmt.Errorf("%w: padding", ErrEnciphered)
	}
	return data[:end], nil
}
