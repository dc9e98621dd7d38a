package pinblock

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"tapbench/applet/emv/cryptogram"
)

const (
	half   = cryptogram.BlockLen // of a format 4 PIN field: the PIN, then what is drawn
	field4 = 2 * half
	// The control nibbles: cards' format 2 stands in for all, as the rest of the PIN's half is alike.
	format2, control4 byte = 0x20, 0x40
)

// Seal makes a block of a PIN for the card with an account number of 12 to 19 digits. random is
// asked for 8 bytes in format 4. An error wraps [cryptogram.ErrPIN] or [cryptogram.ErrPAN], or is
// random's.
func (k Key) Seal(random io.Reader, pin PIN, pan string) (Block, error) {
	field, err := cryptogram.PINBlock(pin.digits)
	if err != nil {
		return nil, err
	}
	if err := checkPAN(pan); err != nil {
		return nil, err
	}
	field[0] &^= format2
	if k.format == Format0 {
		out := field[:]
		subtle.XORBytes(out, out, panField0(pan))
		k.cipher().Encrypt(out, out)
		return out, nil
	}
	out := make(Block, field4)
	field[0] |= control4
	refill(&field, 0x0F, 0x0A)
	copy(out, field[:])
	if _, err := io.ReadFull(random, out[half:]); err != nil {
		return nil, fmt.Errorf("filling up a PIN block: %w", err)
	}
	c := k.cipher()
	c.Encrypt(out, out)
	subtle.XORBytes(out, out, panField4(pan))
	c.Encrypt(out, out)
	return out, nil
}

// Open is the inverse of Seal. An error wraps [ErrBlock] or [cryptogram.ErrPAN].
func (k Key) Open(block Block, pan string) (PIN, error) {
	if err := checkPAN(pan); err != nil {
		return PIN{}, err
	}
	c := k.cipher()
	if len(block) != c.BlockSize() {
		return PIN{}, fmt.Errorf("%w: %d bytes, expected %d", ErrBlock, len(block), c.BlockSize())
	}
	plain := make([]byte, len(block))
	c.Decrypt(plain, block)
	if k.format == Format0 {
		subtle.XORBytes(plain, plain, panField0(pan))
	} else {
		subtle.XORBytes(plain, plain, panField4(pan))
		c.Decrypt(plain, plain)
	}
	field := [half]byte(plain)
	control := field[0] & 0xF0
	if k.format == Format4 {
		if control != control4 || !refill(&field, 0x0A, 0x0F) {
			return PIN{}, ErrBlock
		}
		control = 0
	}
	field[0] = field[0]&0x0F | format2
	digits, err := cryptogram.ParsePINBlock(field)
	if err != nil || control != 0 {
		return PIN{}, ErrBlock
	}
	return PIN{digits}, nil
}

// refill changes what a PIN field is filled up with behind its digits, and says whether all of it
// was from.
func refill(field *[half]byte, from, to byte) bool {
	ok := true
	for n := 2 + int(field[0]&0x0F); n < 2*half; n++ {
		at, shift := &field[n/2], 4*(1-n%2)
		ok = ok && *at>>shift&0x0F == from
		*at = *at&^(0x0F<<shift) | to<<shift
	}
	return ok
}

func checkPAN(pan string) error {
	const least, most = 12, 19
	if n := len(pan); n < least || n > most || strings.Trim(pan, "0123456789") != "" {
		return fmt.Errorf("%w: expected %d to %d digits", cryptogram.ErrPAN, least, most)
	}
	return nil
}

// panField0 is 0000 and the last 12 digits before the check digit.
func panField0(pan string) []byte {
	const digits = 12
	return packed(fmt.Sprintf("%016s", pan[max(0, len(pan)-1-digits):len(pan)-1]))
}

// panField4 is how many digits more than 12, the digits, and zeros.
func panField4(pan string) []byte {
	const least = 12
	text := fmt.Sprintf("%d%s", len(pan)-least, pan)
	return packed(text + strings.Repeat("0", 2*field4-len(text)))
}

// packed returns digits two to a byte.
func packed(digits string) []byte {
	raw, err := hex.DecodeString(digits)
	if err != nil {
		panic("pinblock: digits that are none") // can't happen: they were checked
	}
	return raw
}
