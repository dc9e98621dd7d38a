package generaltest

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // what EMV 4.3 has
	"fmt"
	"math/big"
	"strings"
	"testing"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/pcsc/tlv"
)

// forger makes certificates as EMV 4.3 Book 2 prints them, tables 1, 6 and 14, with one thing wrong
// or none. It shares no code with package oda: what both agree upon, two have read in the book.
type forger struct {
	authority, issuer *oda.PrivateKey
	card              oda.PublicKey
	pan               []byte // 5A
	static            []byte // what is signed beside the certificate
}

// newForger returns one for the first application of an image.
func newForger(t testing.TB, card image.Card) forger {
	t.Helper()
	const length, exponent = 128, 3 // testdata/card.json
	signer, err := personalisetest.Authority(t).Signer(length)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := personalisetest.Draw("applications[0].issuer_key", length, exponent)
	if err != nil {
		t.Fatal(err)
	}
	app := card.Applications[0]
	static, err := tlv.Find(app.Records[0].Data, 0x70)
	if err != nil {
		t.Fatal(err)
	}
	pan, err := tlv.Find(static, 0x5A)
	if err != nil {
		t.Fatal(err)
	}
	return forger{
		authority: signer.Key, issuer: issuer, card: app.ODA.Public(), pan: pan, static: static,
	}
}

// forge returns the deviations that put certificates into the card's records. The words are right,
// or what is forged (issuer, card, static) and how.
func (f forger) forge(word string) ([]string, error) {
	whose, fault, _ := strings.Cut(word, " ")
	faults := map[string]string{"right": "", "issuer": "", "card": "", "static": ""}
	if _, known := faults[whose]; !known || (whose == "right") != (fault == "") {
		return nil, fmt.Errorf("forge: %q isn't known", word)
	}
	faults[whose] = fault
	identifier := append([]byte{0x02}, f.pan[:3]...)
	issuer := certificate{
		name: append(identifier, 0xFF), expiry: []byte{0x12, 0x49}, key: f.issuer.Public(),
		serial: []byte{0, 0, 1}, signer: f.authority,
	}
	number := append([]byte{0x04}, f.pan...)
	for len(number) < 11 {
		number = append(number, 0xFF)
	}
	card := certificate{
		name: number, expiry: []byte{0x12, 0x49}, key: f.card, serial: []byte{0, 0, 2},
		signer: f.issuer, static: f.static,
	}
	static := certificate{name: []byte{0x03, 0x01, 0xDA, 0xC0}, signer: f.issuer, static: f.static}
	for _, made := range []struct {
		c     *certificate
		fault string
	}{{&issuer, faults["issuer"]}, {&card, faults["card"]}, {&static, faults["static"]}} {
		if err := made.c.spoil(made.fault); err != nil {
			return nil, err
		}
	}
	issuerBlock, issuerRest := issuer.make()
	cardBlock, cardRest := card.make()
	staticBlock, _ := static.make()
	return []string{
		fmt.Sprintf("RECORD 3 1: set 90 %X; set 92 %X", issuerBlock, issuerRest),
		fmt.Sprintf("RECORD 3 2: set 93 %X", staticBlock),
		fmt.Sprintf("RECORD 3 3: set 9F46 %X; set 9F48 %X", cardBlock, cardRest),
	}, nil
}

// certificate is one block before it is signed. One without an expiry is signed static data.
type certificate struct {
	name, expiry, serial []byte // name begins with the format
	key                  oda.PublicKey
	static               []byte
	signer               *oda.PrivateKey

	algorithms, lengths     [2]byte // exclusive or into hash and key, key length and exponent length
	header, trailer, hashed byte    // the same
}

// spoil makes one thing wrong.
func (c *certificate) spoil(fault string) error {
	switch fault {
	case "":
	case "header":
		c.header = 0x01
	case "trailer":
		c.trailer = 0x01
	case "hash":
		c.hashed = 0x01
	case "format":
		c.name[0] ^= 0x10
	case "identifier", "pan":
		c.name[1] ^= 0x10
	case "expired":
		c.expiry = []byte{0x10, 0x26} // the month before the payment's
	case "month":
		c.expiry = []byte{0x13, 0x49}
	case "hash-algorithm":
		c.algorithms[0] = 0x02
	case "key-algorithm":
		c.algorithms[1] = 0x02
	case "key-length":
		c.lengths[0] = 0x40
	case "exponent-length":
		c.lengths[1] = 0x02
	default:
		return fmt.Errorf("forge: fault %q isn't known", fault)
	}
	return nil
}

// make signs, and returns what of the key didn't fit.
func (c *certificate) make() (block, rest []byte) {
	n := len(c.signer.Public().Modulus)
	fields := bytes.Clone(c.name)
	if c.expiry != nil {
		fields = append(append(fields, c.expiry...), c.serial...)
		fields = append(fields, 0x01^c.algorithms[0], 0x01^c.algorithms[1],
			byte(len(c.key.Modulus))^c.lengths[0], byte(len(c.key.Exponent))^c.lengths[1])
		room := n - 22 - len(fields)
		fit := min(room, len(c.key.Modulus))
		rest = c.key.Modulus[fit:]
		fields = append(fields, c.key.Modulus[:fit]...)
	}
	for len(fields) < n-22 {
		fields = append(fields, 0xBB)
	}
	signed := bytes.Join([][]byte{fields, rest, c.key.Exponent, c.static}, nil)
	hash := sha1.Sum(signed) //nolint:gosec // as above
	hash[0] ^= c.hashed
	plain := bytes.Join([][]byte{{0x6A ^ c.header}, fields, hash[:], {0xBC ^ c.trailer}}, nil)
	exponent := new(big.Int).SetBytes(c.signer.Reveal())
	modulus := new(big.Int).SetBytes(c.signer.Public().Modulus)
	power := new(big.Int).Exp(new(big.Int).SetBytes(plain), exponent, modulus)
	return power.FillBytes(make([]byte, n)), rest
}
