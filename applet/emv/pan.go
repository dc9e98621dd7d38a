package emv

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"tapbench/applet/wire"
)

// TestIIN begins every PAN that tapbench makes. Major industry identifier 9 is for assignment by
// national standards bodies and is followed by a numeric country code (ISO/IEC 7812-1:2006, 4.1);
// 999 is a user-assigned code, never a country's (ISO 3166-1:2006, 8.1.3). So no issuer can have
// it, neither with six digits nor, under the edition of 2017, with eight.
const TestIIN = "999999"

// PANDigits is the number of digits of a PAN that tapbench makes, the most that ISO/IEC 7812-1
// allows, with the check digit.
const PANDigits = 19

// ErrPAN means that bytes or text aren't a PAN of 19 digits with a valid check digit. It doesn't
// say which digit is wrong, so that no part of a PAN gets into a log.
var ErrPAN = errors.New("not a PAN of 19 digits with a valid check digit")

// PAN is a primary account number of 19 digits as EMV codes it: compressed numeric, padded with one
// F (EMV 4.3 Book 3, 4.3; tag 5A). Every way to print it shows the last four digits only; a value
// that is no PAN shows nothing but stars.
type PAN [wire.PANLen]byte

// NewPAN draws a PAN of the test IIN at random: 12 random digits and the check digit. Whether it
// was used before is the issuer's to check.
func NewPAN() (PAN, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000_000))
	if err != nil {
		return PAN{}, fmt.Errorf("drawing a PAN: %w", err)
	}
	payload := fmt.Sprintf("%s%012d", TestIIN, n)
	return encodePAN(payload + string(CheckDigit(payload))), nil
}

// ParsePAN reads the 10 bytes of tag 5A. It returns [ErrPAN] for another length, a nibble that
// isn't a digit, missing padding or a wrong check digit.
func ParsePAN(b []byte) (PAN, error) {
	if len(b) != wire.PANLen || !PAN(b).Valid() {
		return PAN{}, ErrPAN
	}
	return PAN(b), nil
}

// ParsePANDigits reads 19 decimal digits. It returns [ErrPAN].
func ParsePANDigits(digits string) (PAN, error) {
	if len(digits) != PANDigits || !Luhn(digits) {
		return PAN{}, ErrPAN
	}
	return encodePAN(digits), nil
}

// encodePAN takes 19 decimal digits.
func encodePAN(digits string) PAN {
	var p PAN
	for i := range p {
		p[i] = (digits[2*i] - '0') << 4
		if 2*i+1 < len(digits) {
			p[i] |= digits[2*i+1] - '0'
		} else {
			p[i] |= 0x0F
		}
	}
	return p
}

// Reveal returns the 19 digits. Whoever calls it sees to it that they end in no log.
func (p PAN) Reveal() string {
	var b strings.Builder
	for i := range PANDigits {
		b.WriteByte('0' + p.nibble(i))
	}
	return b.String()
}

// Bytes returns the 10 bytes of tag 5A, for messages and for storage by issuer and card.
func (p PAN) Bytes() [wire.PANLen]byte { return p }

// Valid reports whether the value is 19 digits with a valid check digit, and F.
func (p PAN) Valid() bool {
	for i := range PANDigits {
		if p.nibble(i) > 9 {
			return false
		}
	}
	return p.nibble(PANDigits) == 0x0F && Luhn(p.Reveal())
}

func (p PAN) nibble(i int) byte {
	if i%2 == 0 {
		return p[i/2] >> 4
	}
	return p[i/2] & 0x0F
}

// LastFour returns the last four digits, which a receipt may show, or four stars for a value that
// is no PAN.
func (p PAN) LastFour() string {
	if !p.Valid() {
		return "****"
	}
	return p.Reveal()[PANDigits-4:]
}

// String returns one star for each hidden digit and the last four digits.
func (p PAN) String() string { return strings.Repeat("*", PANDigits-4) + p.LastFour() }

// GoString masks the PAN.
func (p PAN) GoString() string { return p.String() }

// Format masks the PAN, whatever the verb.
func (p PAN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(p.String())) }

// MarshalText masks the PAN.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON masks the PAN.
func (p PAN) MarshalJSON() ([]byte, error) { return []byte(`"` + p.String() + `"`), nil }

// LastFour returns the last four digits of an account number of any issuer, 12 to 19 digits with a
// valid check digit, or "" for anything else.
func LastFour(digits string) string {
	const least, most = 12, 19
	if len(digits) < least || len(digits) > most || !Luhn(digits) {
		return ""
	}
	return digits[len(digits)-4:]
}

// MaskPAN returns one star for each hidden digit and the last four digits; of what isn't an account
// number it shows nothing but stars.
func MaskPAN(digits string) string {
	last := LastFour(digits)
	return strings.Repeat("*", len(digits)-len(last)) + last
}

// CheckDigit returns the digit that makes payload a number that [Luhn] accepts (ISO/IEC
// 7812-1:2006, annex B). For a payload that has other characters than digits it returns '?'.
func CheckDigit(payload string) byte {
	sum, ok := luhnSum(payload + "0")
	if !ok {
		return '?'
	}
	return '0' + byte((10-sum%10)%10)
}

// Luhn reports whether the last of the digits is the check digit of those before (ISO/IEC
// 7812-1:2006, annex B). Fewer than two digits, or another character, is no such number.
func Luhn(digits string) bool {
	sum, ok := luhnSum(digits)
	return ok && len(digits) > 1 && sum%10 == 0
}

// luhnSum doubles every second digit, beginning with the one before the last.
func luhnSum(digits string) (int, bool) {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i]) - '0'
		if d < 0 || d > 9 {
			return 0, false
		}
		if (len(digits)-i)%2 == 0 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum, true
}
