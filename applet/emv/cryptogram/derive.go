package cryptogram

import (
	"crypto/sha1" //nolint:gosec // annex A1.4.2 wants it
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrPAN means that digits aren't an account number.
var ErrPAN = errors.New("not an account number")

// Account numbers have 12 to 19 digits (ISO/IEC 7812-1); option A uses the last 16 with the
// sequence number behind them.
const (
	minPAN  = 12
	maxPAN  = 19
	derived = 16 // digits that a key is derived from
)

// MasterKeyA derives a card's master key from the issuer's by option A (EMV 4.3 Book 2, A1.4.1),
// for account numbers of up to 16 digits; of a longer one the last digits count. An error wraps
// [ErrPAN].
func MasterKeyA(issuer Key, pan string, sequence byte) (Key, error) {
	number, err := digitsOf(pan, sequence)
	if err != nil {
		return Key{}, err
	}
	return fromDigits(issuer, number[max(0, len(number)-derived):]), nil
}

// MasterKeyB derives it by option B (A1.4.2): as option A for account numbers of up to 16 digits;
// above, from SHA-1 over the digits, decimalised. An error wraps [ErrPAN].
func MasterKeyB(issuer Key, pan string, sequence byte) (Key, error) {
	if len(pan) <= derived {
		return MasterKeyA(issuer, pan, sequence)
	}
	number, err := digitsOf(pan, sequence)
	if err != nil {
		return Key{}, err
	}
	if len(number)%2 != 0 {
		number = "0" + number
	}
	packed, err := hex.DecodeString(number)
	if err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrPAN, err)
	}
	sum := sha1.Sum(packed) //nolint:gosec // as above
	return fromDigits(issuer, decimalise(hex.EncodeToString(sum[:]))), nil
}

// digitsOf is the account number with the sequence number behind it, at least 16 digits.
func digitsOf(pan string, sequence byte) (string, error) {
	if len(pan) < minPAN || len(pan) > maxPAN || strings.Trim(pan, "0123456789") != "" {
		return "", fmt.Errorf("%w: %d characters, expected %d to %d digits", ErrPAN, len(pan), minPAN,
			maxPAN)
	}
	if sequence > 99 {
		return "", fmt.Errorf("%w: sequence number %d has three digits", ErrPAN, sequence)
	}
	return fmt.Sprintf("%0*s", derived, fmt.Sprintf("%s%02d", pan, sequence)), nil
}

// decimalise takes the first 16 decimal digits of a hash; if there are fewer, the letters a to f
// follow as 0 to 5, in their order.
func decimalise(hash string) string {
	var numbers, letters strings.Builder
	for _, c := range hash {
		if c <= '9' {
			numbers.WriteRune(c)
		} else {
			letters.WriteRune(c - 'a' + '0')
		}
	}
	return (numbers.String() + letters.String())[:derived]
}

// fromDigits is issuer key over the packed digits, then over their complement, with odd parity.
func fromDigits(issuer Key, number string) Key {
	var left, right [BlockLen]byte
	if _, err := hex.Decode(left[:], []byte(number)); err != nil {
		panic("cryptogram: digits that are none") // can't happen: they were checked
	}
	for i, b := range left {
		right[i] = ^b
	}
	left, right = issuer.encrypt(left), issuer.encrypt(right)
	return odd(Key(append(left[:], right[:]...)))
}

// MasterKeyC derives an AES key from an issuer's AES key by option C (A1.4.3): one block, the
// digits of account number and sequence number with zeros before them. An error wraps [ErrPAN].
func MasterKeyC(issuer Key, pan string, sequence byte) (Key, error) {
	number, err := digitsOf(pan, sequence)
	if err != nil {
		return Key{}, err
	}
	var block [KeyLen]byte
	if _, err := hex.Decode(block[:], fmt.Appendf(nil, "%0*s", 2*KeyLen, number)); err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrPAN, err)
	}
	return issuer.encryptAES(block), nil
}

// Diversifier is what makes a session's key another one (R in EMV 4.3 Book 2, A1.3.1).
type Diversifier [BlockLen]byte

// ByATC is the diversifier of application cryptograms: ATC || 00 .. 00.
func ByATC(atc uint16) (r Diversifier) {
	binary.BigEndian.PutUint16(r[:], atc)
	return r
}

// ByCryptogram is the diversifier of secure messaging: the transaction's application cryptogram.
func ByCryptogram(ac [BlockLen]byte) Diversifier { return ac }

// SessionKey derives a session key by the common method (A1.3.1): the master key over R with its
// third byte F0, then over R with 0F there.
func SessionKey(master Key, r Diversifier) Key {
	left, right := [BlockLen]byte(r), [BlockLen]byte(r)
	left[2], right[2] = 0xF0, 0x0F
	left, right = master.encrypt(left), master.encrypt(right)
	return odd(Key(append(left[:], right[:]...)))
}

// SessionKeyAES derives an AES session key by the common method (A1.3.1), for a cipher whose block
// is as long as its key: the master key over R || 00 .. 00.
func SessionKeyAES(master Key, r Diversifier) Key {
	var block [KeyLen]byte
	copy(block[:], r[:])
	return master.encryptAES(block)
}

// ScriptKey derives a session key for scripts as pyemv 1.5 does it for versions 10 and 18
// (derive_visa_sm_sk): the master key's left half xor the ATC, its right half xor the ATC's
// complement, each at its end, with odd parity.
func ScriptKey(master Key, atc uint16) Key {
	var at [2]byte
	binary.BigEndian.PutUint16(at[:], atc)
	for i, b := range at {
		master[KeyLen/2-2+i] ^= b
		master[KeyLen-2+i] ^= ^b
	}
	return odd(master)
}
