package cryptogram

import (
	"errors"
	"fmt"
	"strings"
)

// ErrPIN means digits that aren't a PIN of 4 to 12, or a block that holds none.
var ErrPIN = errors.New("not a PIN")

// PINs have 4 to 12 digits.
const (
	minPIN = 4
	maxPIN = 12
)

// format2 is the control nibble of a PIN block of format 2.
const format2 = 0x20

// PINBlock is a PIN of 4 to 12 digits as a card takes it (ISO 9564-1:2017, format 2): 2, length,
// digits, F. It is a secret. An error is [ErrPIN].
func PINBlock(pin string) ([BlockLen]byte, error) {
	var block [BlockLen]byte
	if len(pin) < minPIN || len(pin) > maxPIN || strings.Trim(pin, "0123456789") != "" {
		return block, fmt.Errorf("%w: expected %d to %d digits", ErrPIN, minPIN, maxPIN)
	}
	block[0] = format2 | byte(len(pin))
	padded := pin + strings.Repeat("?", 2*BlockLen-2-len(pin)) // ? is 3F, of which F counts
	for i := range BlockLen - 1 {
		block[i+1] = padded[2*i]<<4 | padded[2*i+1]&0x0F
	}
	return block, nil
}

// ParsePINBlock reads such a block, or says [ErrPIN].
func ParsePINBlock(block [BlockLen]byte) (string, error) {
	n := int(block[0] & 0x0F)
	if block[0]&0xF0 != format2 || n < minPIN || n > maxPIN {
		return "", ErrPIN
	}
	digits := fmt.Sprintf("%X", block[1:])
	if strings.Trim(digits[:n], "0123456789") != "" || strings.Trim(digits[n:], "F") != "" {
		return "", ErrPIN
	}
	return digits[:n], nil
}

// maskPINBlock makes of a format 2 block the one that pyemv 1.5 builds for versions 10 and 18
// (format_vis_pin_block), and back: without the control nibble, its right half xor that of the left
// half of the card's MK_AC.
func maskPINBlock(master Key, block [BlockLen]byte) [BlockLen]byte {
	block[0] ^= format2
	for i := BlockLen / 2; i < BlockLen; i++ {
		block[i] ^= master[i]
	}
	return block
}
