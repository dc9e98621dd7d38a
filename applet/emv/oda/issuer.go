package oda

import (
	"bytes"
	"time"
)

const issuerObject = "issuer certificate"

// IssuerCertificate is what an issuer's certificate says (Book 2, 5.1 and table 6).
type IssuerCertificate struct {
	// Identifier is the account number's first 3 to 8 digits, filled up with F.
	Identifier [issuerIDLen]byte
	Expiry     Month
	Serial     Serial
	Key        PublicKey
}

// CertifyIssuer makes an issuer's certificate. An error wraps [ErrKey]: the issuer's modulus may
// not be longer than the authority's.
func CertifyIssuer(authority *PrivateKey, c IssuerCertificate) (Certificate, error) {
	if err := c.Key.Check(); err != nil {
		return Certificate{}, err
	}
	if len(c.Key.Modulus) > len(authority.public.Modulus) {
		return Certificate{}, ErrKey
	}
	name := append([]byte{formatIssuer}, c.Identifier[:]...)
	return certify(authority, name, c.Expiry, c.Serial, c.Key, nil), nil
}

// Revoked says whether a certificate was withdrawn.
type Revoked func(rid [RIDLen]byte, index byte, serial Serial) bool

// VerifyIssuer checks an issuer's certificate as a terminal does (Book 2, 5.3 and 6.3): with the
// authority's key, against the card's account number (compressed numeric, filled up with F), on a
// day. revoked may be nil. An error is an [*Error].
func VerifyIssuer(
	authority CAKey, c Certificate, pan []byte, day time.Time, revoked Revoked,
) (IssuerCertificate, error) {
	var none IssuerCertificate
	fail := func(step string, err error) (IssuerCertificate, error) {
		return none, &Error{Object: issuerObject, Clause: "6.3 step " + step, Err: err}
	}
	block, err := open(authority.Key, c.Block, formatIssuer, issuerObject,
		[4]string{"6.3 step 1", "6.3 step 2", "6.3 step 3", "6.3 step 4"})
	if err != nil {
		return none, err
	}
	id, said := block.fields[1:1+issuerIDLen], parseBody(block.fields[1+issuerIDLen:])
	switch {
	case said.lacks(c.Remainder):
		return fail("5", ErrRemainder)
	case said.hash != sha1Code:
		return fail("6", ErrAlgorithm)
	case !block.covers(c.Remainder, c.Exponent):
		return fail("7", ErrHash)
	case !isIssuerOf(id, pan):
		return fail("8", ErrIssuer)
	case said.expiry.Over(day):
		return fail("9", ErrExpired)
	case revoked != nil && revoked(authority.RID, authority.Index, said.serial):
		return fail("10", ErrRevoked)
	case said.public != rsaCode:
		return fail("11", ErrAlgorithm)
	}
	key, err := said.key(c)
	if err != nil {
		return fail("12", err)
	}
	return IssuerCertificate{
		Identifier: [issuerIDLen]byte(id), Expiry: said.expiry, Serial: said.serial, Key: key,
	}, nil
}

// isIssuerOf says whether an identifier's digits, 3 to 8, are an account number's first ones.
func isIssuerOf(id, pan []byte) bool {
	digits := 2 * len(id)
	for digits > 0 && nibble(id, digits-1) == 0x0F {
		digits--
	}
	const fewest = 3
	if digits < fewest || 2*len(pan) < digits {
		return false
	}
	for i := range digits {
		if d := nibble(id, i); d > 9 || d != nibble(pan, i) {
			return false
		}
	}
	return true
}

func nibble(b []byte, i int) byte {
	if i%2 == 0 {
		return b[i/2] >> 4
	}
	return b[i/2] & 0x0F
}

// samePAN compares account numbers, whatever the F behind them.
func samePAN(a, b []byte) bool {
	return bytes.Equal(trimPAN(a), trimPAN(b))
}

func trimPAN(pan []byte) []byte {
	digits := make([]byte, 0, 2*len(pan))
	for i := range 2 * len(pan) {
		digits = append(digits, nibble(pan, i))
	}
	return bytes.TrimRight(digits, "\x0F")
}
