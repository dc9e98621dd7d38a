package emvcard

import (
	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// aipCDA is bit 1 of the first byte of the AIP: the card signs cryptograms.
const aipCDA byte = 0x01

// dynamicLen is the length of the ICC dynamic number, in bytes.
const dynamicLen = 8

// hasKey says whether an application can sign.
func hasKey(a *image.Application) bool { return a.ODA != nil }

// authenticateLength wants what the DDOL asks for, or a terminal's default one, which is an
// unpredictable number.
func authenticateLength(c *Card, n int) bool {
	if ddol := c.application().DDOL; ddol != nil {
		return n == dolLen(ddol)
	}
	return n == unLen
}

const unLen = 4

// authenticateAllowed wants a transaction before its first cryptogram.
func authenticateAllowed(c *Card, _ request) error {
	if c.session.tx.stage != stageInitiated {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// internalAuthenticate is INTERNAL AUTHENTICATE: DDA (EMV 4.3 Book 2, 6.5.1; Book 3, 6.5.9).
func (c *Card) internalAuthenticate(r request, _ *state) ([]byte, error) {
	number, err := c.dynamicNumber()
	if err != nil {
		return nil, err
	}
	signed, err := oda.Dynamic{Number: number}.Sign(c.application().ODA, r.data)
	if err != nil {
		return nil, err
	}
	c.session.tx.dda = true
	if c.application().Format1 {
		return tlv.Append(nil, emv.TagFormat1, signed), nil
	}
	return format2([]tlv.Element{{Tag: emv.TagDynamicSignature, Value: signed}}), nil
}

// dynamicNumber draws an ICC dynamic number.
func (c *Card) dynamicNumber() ([]byte, error) {
	number := make([]byte, dynamicLen)
	return number, c.random(number)
}

// signs says whether a cryptogram of this type is signed: the terminal asks for it, card and lists
// allow it, and it is no AAC (EMV 4.3 Book 2, 6.6.1).
func (c *Card) signs(p1, cid byte) bool {
	a := c.application()
	return p1&signedMask != 0 && a.ODA != nil && a.AIP[0]&aipCDA != 0 && cid != emv.CIDAAC &&
		c.value(emv.TagUN) != nil
}

// signedAnswer is the answer of CDA: the cryptogram stands in the signature alone.
func (c *Card) signedAnswer(
	next *state, cid byte, ac cryptogram.AC, iad []byte,
) ([]byte, error) {
	atc := c.atc(next)
	objects := []tlv.Element{
		{Tag: emv.TagCID, Value: []byte{cid}},
		{Tag: emv.TagATC, Value: atc[:]},
		{Tag: emv.TagIAD, Value: iad},
	}
	number, err := c.dynamicNumber()
	if err != nil {
		return nil, err
	}
	tx := &c.session.tx
	signed, err := oda.Dynamic{
		Number: number,
		Combined: &oda.Combined{
			CID: cid, Cryptogram: ac,
			Transaction: oda.TransactionHash(tx.pdol, tx.cdol1, tx.cdol2, encode(objects)),
			Relay:       c.signedRelay(),
		},
	}.Sign(c.application().ODA, c.value(emv.TagUN))
	if err != nil {
		return nil, err
	}
	return format2(append(objects, tlv.Element{Tag: emv.TagDynamicSignature, Value: signed})), nil
}
