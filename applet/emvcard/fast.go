package emvcard

import (
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/tlv"
)

// Fast DDA: what a terminal says in 9F66, its transaction qualifiers, and a card in 9F69, its
// authentication related data.
const (
	// verifiedByDevice is in byte 2 of the card's transaction qualifiers, 9F6C.
	verifiedByDevice byte = 0x80
	fastAsked        byte = 0x20 // byte 1: cryptogram and signature with the processing options
	onlineAsked      byte = 0x80 // byte 2: an online cryptogram is required
	fastVersion      byte = 0x01
	fastNumberLen         = 4
	qualifiersLen         = 2 // the card's: it asks the terminal for nothing
)

// fast says whether the answer to GET PROCESSING OPTIONS is a whole transaction.
func (c *Card) fast() bool {
	a, qualifiers := c.application(), c.value(emv.TagQualifiers)
	return a.FastDDA && a.ODA != nil && len(qualifiers) >= 2 && qualifiers[0]&fastAsked != 0 &&
		c.value(emv.TagUN) != nil
}

// fastAnswer is processing options, cryptogram and signature at once. The signature covers the
// terminal's number, amount and currency, and 9F69: version, a number of the card's, its
// qualifiers. It holds the ATC as dynamic number. An AAC isn't signed.
func (c *Card) fastAnswer(next *state) ([]byte, error) {
	a, tx := c.application(), &c.session.tx
	asked := emv.CIDTC
	if c.value(emv.TagQualifiers)[1]&onlineAsked != 0 {
		asked = emv.CIDARQC
	}
	if err := c.decide(asked, next); err != nil {
		return nil, err
	}
	tx.stage, tx.dda = stageDone, tx.first != emv.CIDAAC
	ac, iad, err := c.compute(next)
	if err != nil {
		return nil, err
	}
	tx.ac = ac
	atc := c.atc(next)
	objects := []tlv.Element{
		{Tag: emv.TagAIP, Value: a.AIP[:]},
		{Tag: emv.TagAFL, Value: a.AFL},
		{Tag: emv.TagATC, Value: atc[:]},
		{Tag: emv.TagCryptogram, Value: ac[:]},
		{Tag: emv.TagCID, Value: []byte{tx.first}},
		{Tag: emv.TagIAD, Value: iad},
	}
	var qualifiers [qualifiersLen]byte
	if byDevice(a) {
		qualifiers[1] = verifiedByDevice
		objects = append(objects, tlv.Element{Tag: emv.TagCardQualifiers, Value: qualifiers[:]})
	}
	if !tx.dda {
		return format2(objects), nil
	}
	own := make([]byte, 1+fastNumberLen+qualifiersLen)
	own[0] = fastVersion
	if err := c.random(own[1 : 1+fastNumberLen]); err != nil {
		return nil, err
	}
	copy(own[1+fastNumberLen:], qualifiers[:])
	signed, err := oda.Dynamic{Number: atc[:]}.Sign(a.ODA, slices.Concat(
		c.value(emv.TagUN), c.value(emv.TagAmount), c.value(emv.TagCurrency), own))
	if err != nil {
		return nil, err
	}
	return format2(append(objects, tlv.Element{Tag: emv.TagCardAuthentication, Value: own},
		tlv.Element{Tag: emv.TagDynamicSignature, Value: signed})), nil
}
