package oda

import (
	"bytes"
	"time"

	"tapbench/applet/emv"
)

// Month is an expiration, MMYY in BCD as certificates have it: the last day of that month is the
// last valid one.
type Month [2]byte

// MonthOf returns the month of a time. Years are counted from 2000.
func MonthOf(t time.Time) Month {
	date := emv.Date(t)
	return Month{date[1], date[0]}
}

// Over says whether the month is over on a day. Digits that are none count as over.
func (m Month) Over(day time.Time) bool {
	first, err := emv.ParseCardDate([3]byte{m[1], m[0], 0x01})
	if err != nil {
		return true
	}
	next := time.Date(first.Year(), first.Month()+1, 1, 0, 0, 0, 0, day.Location())
	return !day.Before(next)
}

// Serial is a certificate's number, which with the authority's RID and key index names it.
type Serial [3]byte

// Certificate is a certified key as it travels.
type Certificate struct {
	Block     []byte // tag 90 or 9F46: as long as its signer's modulus
	Remainder []byte // tag 92 or 9F48: what of the modulus didn't fit, or nothing
	Exponent  []byte // tag 9F32 or 9F47
}

// Fields' places in a recovered certificate, from its format; a card's has an account number [10]
// where an issuer's has an identifier [4].
const (
	issuerIDLen = 4
	panLen      = 10
	afterName   = 2 + 3 + 1 + 1 + 1 + 1 // month, serial, algorithms, lengths
)

// body is what a certificate says, apart from whose it is.
type body struct {
	expiry   Month
	serial   Serial
	hash     byte
	public   byte
	modulus  int
	exponent int
	left     []byte // the modulus' leftmost bytes, filled up with BB
}

func parseBody(fields []byte) body {
	return body{
		expiry: Month(fields[0:2]), serial: Serial(fields[2:5]), hash: fields[5], public: fields[6],
		modulus: int(fields[7]), exponent: int(fields[8]), left: fields[afterName:],
	}
}

// lacks says whether a part of the modulus isn't there: the certificate has no room for all of it,
// and there is no remainder.
func (b body) lacks(remainder []byte) bool {
	return b.modulus > len(b.left) && len(remainder) == 0
}

// key puts the modulus together (Book 2, 5.3 step 12, 6.4 step 11) and refuses, by [ErrKey], parts
// that don't fit: a remainder of another length, padding that isn't BB, a key that EMV has no use
// for.
func (b body) key(c Certificate) (PublicKey, error) {
	if b.exponent != len(c.Exponent) {
		return PublicKey{}, ErrKey
	}
	key := PublicKey{Exponent: bytes.Clone(c.Exponent)}
	if b.modulus <= len(b.left) {
		if len(c.Remainder) > 0 || len(bytes.TrimLeft(b.left[b.modulus:], "\xBB")) > 0 {
			return PublicKey{}, ErrKey
		}
		key.Modulus = bytes.Clone(b.left[:b.modulus])
	} else {
		if len(b.left)+len(c.Remainder) != b.modulus {
			return PublicKey{}, ErrKey
		}
		key.Modulus = append(bytes.Clone(b.left), c.Remainder...)
	}
	if err := key.Check(); err != nil {
		return PublicKey{}, err
	}
	return key, nil
}

// certify writes a certificate of a key; name is the format and whose key it is.
func certify(
	signer *PrivateKey, name []byte, expiry Month, serial Serial, key PublicKey, static []byte,
) Certificate {
	room := len(signer.public.Modulus) - frameLen - len(name) - afterName
	left := key.Modulus
	var rest []byte
	if len(left) > room {
		left, rest = left[:room], left[room:]
	}
	fields := append(bytes.Clone(name), expiry[:]...)
	fields = append(fields, serial[:]...)
	fields = append(fields, sha1Code, rsaCode, byte(len(key.Modulus)), byte(len(key.Exponent)))
	fields = padded(append(fields, left...), len(name)+afterName+room)
	return Certificate{
		Block:     seal(signer, fields, rest, key.Exponent, static),
		Remainder: bytes.Clone(rest),
		Exponent:  bytes.Clone(key.Exponent),
	}
}
