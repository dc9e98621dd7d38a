package oda

import "time"

const cardObject = "ICC certificate"

// CardCertificate is what a card's certificate says (Book 2, 6.1 and table 14).
type CardCertificate struct {
	// PAN is the account number, compressed numeric, filled up with F.
	PAN    [panLen]byte
	Expiry Month
	Serial Serial
	Key    PublicKey
}

// CertifyCard makes a card's certificate, which also signs the card's static data: the records that
// the AFL marks, then the value of the AIP if the card has a static data authentication tag list
// (Book 3, 10.3). An error wraps [ErrKey]: the card's modulus may not be longer than the issuer's.
func CertifyCard(issuer *PrivateKey, c CardCertificate, static []byte) (Certificate, error) {
	if err := c.Key.Check(); err != nil {
		return Certificate{}, err
	}
	if len(c.Key.Modulus) > len(issuer.public.Modulus) {
		return Certificate{}, ErrKey
	}
	name := append([]byte{formatCard}, c.PAN[:]...)
	return certify(issuer, name, c.Expiry, c.Serial, c.Key, static), nil
}

// VerifyCard checks a card's certificate as a terminal does (Book 2, 6.4). An error is an [*Error].
func VerifyCard(
	issuer PublicKey, c Certificate, static, pan []byte, day time.Time,
) (CardCertificate, error) {
	var none CardCertificate
	fail := func(step string, err error) (CardCertificate, error) {
		return none, &Error{Object: cardObject, Clause: "6.4 step " + step, Err: err}
	}
	block, err := open(issuer, c.Block, formatCard, cardObject,
		[4]string{"6.4 step 1", "6.4 step 2", "6.4 step 3", "6.4 step 4"})
	if err != nil {
		return none, err
	}
	said := parseBody(block.fields[1+panLen:])
	switch {
	case said.lacks(c.Remainder):
		return fail("5", ErrRemainder)
	case said.hash != sha1Code:
		return fail("6", ErrAlgorithm)
	case !block.covers(c.Remainder, c.Exponent, static):
		return fail("7", ErrHash)
	case !samePAN(block.fields[1:1+panLen], pan):
		return fail("8", ErrPAN)
	case said.expiry.Over(day):
		return fail("9", ErrExpired)
	case said.public != rsaCode:
		return fail("10", ErrAlgorithm)
	}
	key, err := said.key(c)
	if err != nil {
		return fail("11", err)
	}
	return CardCertificate{
		PAN: [panLen]byte(block.fields[1 : 1+panLen]), Expiry: said.expiry, Serial: said.serial,
		Key: key,
	}, nil
}
