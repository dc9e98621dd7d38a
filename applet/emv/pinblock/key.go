package pinblock

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" //nolint:gosec // format 0 is made with it
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
)

// Errors.
var (
	// ErrKey means what can't be a key: another format than 0 and 4, or another length.
	ErrKey = errors.New("not a key for PIN blocks")
	// ErrBlock means bytes that aren't a PIN block of this card under this key.
	ErrBlock = errors.New("not a PIN block of this card under this key")
)

// Format is that of a block (ISO 9564-1:2017, 9.3).
type Format byte

// The formats.
const (
	Format0 Format = 0 // triple DES
	Format4 Format = 4 // AES
)

// Key enciphers PINs in one format. It prints as "Key(hidden)".
type Key struct {
	format Format
	key    cryptogram.Key
}

// NewKey makes a key. Another format is [ErrKey].
func NewKey(format Format, key cryptogram.Key) (Key, error) {
	if format != Format0 && format != Format4 {
		return Key{}, fmt.Errorf("%w: format %d, expected %d or %d", ErrKey, format, Format0, Format4)
	}
	return Key{format, key}, nil
}

// ReadKey reads a key as files have it: a format, and 32 hexadecimal digits. An error wraps
// [ErrKey] and doesn't show them.
func ReadKey(format int, digits string) (Key, error) {
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != cryptogram.KeyLen {
		return Key{}, fmt.Errorf("%w: expected %d hex digits", ErrKey, 2*cryptogram.KeyLen)
	}
	if format < 0 || format > int(Format4) {
		return Key{}, fmt.Errorf("%w: format %d, expected %d or %d", ErrKey, format, Format0, Format4)
	}
	return NewKey(Format(format), cryptogram.Key(raw))
}

// GenerateKey draws a key of format 4. An error is random's.
func GenerateKey(random io.Reader) (Key, error) {
	k := Key{format: Format4}
	if _, err := io.ReadFull(random, k.key[:]); err != nil {
		return Key{}, fmt.Errorf("drawing a key for PINs: %w", err)
	}
	return k, nil
}

// Reveal returns what ReadKey reads.
func (k Key) Reveal() (format int, digits string) {
	raw := k.key.Reveal()
	return int(k.format), hex.EncodeToString(raw[:])
}

// String hides the key.
func (Key) String() string { return "Key(hidden)" }

// GoString hides the key.
func (k Key) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// cipher is the format's.
func (k Key) cipher() cipher.Block {
	raw := k.key.Reveal()
	block, err := aes.NewCipher(raw[:])
	if k.format == Format0 {
		block, err = des.NewTripleDESCipher(append(raw[:], raw[:8]...)) //nolint:gosec // as above
	}
	if err != nil {
		panic("pinblock: key of 16 bytes refused") // can't happen: the length is fixed
	}
	return block
}
