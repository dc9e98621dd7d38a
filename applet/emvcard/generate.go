package emvcard

import (
	"encoding/binary"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// P1 of GENERATE AC (EMV 4.3 Book 3, 6.5.5.2): the type in bits 8 and 7, as in the CID, and bit 5
// for a signature.
const (
	typeMask   byte = emv.CIDKind
	signedMask byte = 0x10
	typeUnused byte = emv.CIDKind
)

// generateParams wants a type and nothing else but the request for a signature.
func generateParams(p1, p2 byte) bool {
	return p1&typeMask != typeUnused && p1&^(typeMask|signedMask) == 0 && p2 == 0
}

// generateLength wants the data of CDOL2 once a second cryptogram is due, else those of CDOL1.
func generateLength(c *Card, n int) bool {
	if c.session.tx.stage == stageRequested {
		return n == dolLen(c.application().CDOL2)
	}
	return n == dolLen(c.application().CDOL1)
}

// generateAllowed wants a transaction that has begun and hasn't ended, and of a second cryptogram
// that it is no ARQC.
func generateAllowed(c *Card, r request) error {
	switch stage := c.session.tx.stage; {
	case stage == stageInitiated, stage == stageRequested && r.p1()&typeMask != emv.CIDARQC:
		return nil
	default:
		return apdu.SWConditionsNotSatisfied
	}
}

// generateAC is GENERATE AC (EMV 4.3 Book 3, 6.5.5).
func (c *Card) generateAC(r request, next *state) ([]byte, error) {
	if c.session.tx.stage == stageRequested {
		return c.secondCryptogram(r, next)
	}
	return c.firstCryptogram(r, next)
}

// firstCryptogram is the first GENERATE AC.
func (c *Card) firstCryptogram(r request, next *state) ([]byte, error) {
	tx := &c.session.tx
	tx.cdol1 = slices.Clone(r.data)
	if err := c.decide(r.p1()&typeMask, next); err != nil {
		tx.cdol1 = nil
		return nil, err
	}
	tx.stage = stageDone
	if tx.first == emv.CIDARQC && c.application().CDOL2 != nil {
		tx.stage = stageRequested
		c.account(next).set(flagPending, true)
	}
	return c.cryptogram(next, tx.first, c.signs(r.p1(), tx.first))
}

// cryptogram computes and answers one, signed or not.
func (c *Card) cryptogram(next *state, cid byte, signed bool) ([]byte, error) {
	tx := &c.session.tx
	tx.cda = tx.cda || signed
	ac, iad, err := c.compute(next)
	if err != nil {
		return nil, err
	}
	if !tx.completed {
		tx.ac = ac
	}
	if signed {
		return c.signedAnswer(next, cid, ac, iad)
	}
	return c.plainAnswer(next, cid, ac, iad), nil
}

// compute returns the cryptogram of the transaction as it stands, and the issuer application data
// that it covers.
func (c *Card) compute(next *state) (cryptogram.AC, []byte, error) {
	a := c.application()
	iad := c.issuerData(next)
	ac, err := a.Scheme.Compute(a.Keys.AC, cryptogram.Data{
		Terminal: tlv.Fill(nil, covered(), func(tag tlv.Tag) ([]byte, bool) {
			value := c.value(tag)
			return value, value != nil
		}),
		AIP: a.AIP, ATC: c.atc(next), IAD: iad,
	})
	return ac, iad, err
}

// covered are the terminal's values in a cryptogram (EMV 4.3 Book 2, 8.1.1). What no list asks
// for is zero.
func covered() []tlv.DOLEntry {
	return []tlv.DOLEntry{
		{Tag: emv.TagAmount, Len: 6},
		{Tag: emv.TagAmountOther, Len: 6},
		{Tag: emv.TagCountry, Len: 2},
		{Tag: emv.TagTVR, Len: tvrLen},
		{Tag: emv.TagCurrency, Len: 2},
		{Tag: emv.TagDate, Len: 3},
		{Tag: emv.TagTransactionType, Len: 1},
		{Tag: emv.TagUN, Len: 4},
	}
}

// atc returns the transaction's counter.
func (c *Card) atc(s *state) (atc [2]byte) {
	binary.BigEndian.PutUint16(atc[:], c.account(s).atc)
	return atc
}

// plainAnswer is the answer without a signature.
func (c *Card) plainAnswer(next *state, cid byte, ac cryptogram.AC, iad []byte) []byte {
	atc := c.atc(next)
	if c.application().Format1 {
		return tlv.Append(nil, emv.TagFormat1, []byte{cid}, atc[:], ac[:], iad)
	}
	return format2([]tlv.Element{
		{Tag: emv.TagCID, Value: []byte{cid}},
		{Tag: emv.TagATC, Value: atc[:]},
		{Tag: emv.TagCryptogram, Value: ac[:]},
		{Tag: emv.TagIAD, Value: iad},
	})
}

// format2 is template 77 with these objects.
func format2(objects []tlv.Element) []byte {
	return tlv.Append(nil, emv.TagFormat2, encode(objects))
}

func encode(objects []tlv.Element) (out []byte) {
	for _, o := range objects {
		out = tlv.Append(out, o.Tag, o.Value)
	}
	return out
}
