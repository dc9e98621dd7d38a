package pinblock

import (
	"crypto/subtle"
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
)

// PIN is a PIN of 4 to 12 digits. It prints as "PIN(hidden)".
type PIN struct{ digits string }

// ParsePIN reads digits. An error is [cryptogram.ErrPIN] and doesn't show them.
func ParsePIN(digits string) (PIN, error) {
	if _, err := cryptogram.PINBlock(digits); err != nil {
		return PIN{}, err
	}
	return PIN{digits}, nil
}

// Reveal returns the digits; "" of a PIN that isn't there.
func (p PIN) Reveal() string { return p.digits }

// IsZero says that there is no PIN.
func (p PIN) IsZero() bool { return p.digits == "" }

// Is says whether two PINs are one, without telling where they differ. A PIN that isn't there is
// none.
func (p PIN) Is(other PIN) bool {
	return !p.IsZero() && subtle.ConstantTimeCompare([]byte(p.digits), []byte(other.digits)) == 1
}

// String hides the digits.
func (PIN) String() string { return "PIN(hidden)" }

// GoString hides the digits.
func (p PIN) GoString() string { return p.String() }

// Format hides the digits, whatever the verb.
func (p PIN) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalText hides the digits.
func (p PIN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Block is an enciphered PIN block: 8 bytes in format 0, 16 in format 4. It prints as
// "Block(hidden)".
type Block []byte

// String hides the block.
func (Block) String() string { return "Block(hidden)" }

// GoString hides the block.
func (b Block) GoString() string { return b.String() }

// Format hides the block, whatever the verb.
func (b Block) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, b.String()) }

// MarshalText hides the block.
func (b Block) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
