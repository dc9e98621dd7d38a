package emulator

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// optionsLen is the length of GET PROCESSING OPTIONS' data: 83, length, PDOL data.
const optionsLen = 2 + emv.PDOLDataLen

// paymentCommands are the commands of the payment application.
func paymentCommands() []command {
	return []command{
		own(wire.InsGetProcessingOptions, noParams, (*Card).getProcessingOptions,
			optionsLen).unproven(),
		own(wire.InsExchangeRelay, noParams, (*Card).exchangeRelay, wire.EntropyLen).unproven(),
		interindustry(wire.InsExternalAuthenticate, noParams, (*Card).authenticateMerchant,
			emv.MerchantAuthLen).unproven(),
		interindustry(wire.InsReadRecord, recordParams, (*Card).readRecord, 0).unproven(),
		own(wire.InsGenerateAC, acParams, (*Card).generateAC,
			emv.CDOL1DataLen, emv.CDOL2DataLen).unproven(),
	}
}

// getProcessingOptions is GET PROCESSING OPTIONS. It looks at the arming and changes nothing that
// stays.
func (c *Card) getProcessingOptions(r request, next *state) ([]byte, error) {
	c.session.tap, c.session.merchant = tap{}, merchantProof{}
	if next.arm.state == wire.ArmNone {
		return nil, wire.SWConditionsNotSatisfied
	}
	if r.data[0] != 0x83 || r.data[1] != emv.PDOLDataLen {
		return nil, wire.SWWrongData
	}
	d, err := emv.ParsePDOLData(r.data[2:])
	if err != nil || !isBCD(d.Amount[:]) {
		return nil, wire.SWWrongData
	}
	offered := tap{
		stage: stageOffered, date: d.Date,
		terms: terms{amount: d.Amount, currency: d.Currency, un: d.UN, merchant: d.Merchant},
	}
	slot, ok := next.cardFor(offered.terms)
	if !ok {
		return nil, wire.SWConditionsNotSatisfied
	}
	answer, err := c.options(emv.AFL(), next.arm.flags)
	if err != nil {
		return nil, err
	}
	offered.slot = slot
	c.session.tap = offered
	return answer, nil
}

// cardFor chooses the card for a tap: the one that is bound to it already, or the lowest ready one
// whose class fits, with all that it was shown to before.
func (s *state) cardFor(t terms) (slot int, ok bool) {
	if s.arm.state == wire.ArmBound {
		ok = s.arm.target == wire.ArmCard && s.arm.terms == t && s.arm.tries < wire.TapTries
		return int(s.arm.slot), ok
	}
	if t.currency != s.arm.currency || bytes.Compare(t.amount[:], s.arm.limit[:]) > 0 {
		return 0, false
	}
	for i := range s.cards {
		if _, ok := s.cards[i].offers(t); ok {
			return i, true
		}
	}
	return 0, false
}

// recordParams wants a record of SFI 1.
func recordParams(p1, p2 byte) error {
	const referenceIsNumber = 0x04 // P2's low bits: P1 is a record number
	switch {
	case p2&0x07 != referenceIsNumber:
		return wire.SWIncorrectP1P2
	case p2>>3 != emv.RecordSFI:
		return wire.SWFileNotFound
	case p1 < 1 || p1 > emv.Records:
		return wire.SWRecordNotFound
	default:
		return nil
	}
}

// readRecord is READ RECORD. The first record that tells of the card spends it, or its limit.
func (c *Card) readRecord(r request, next *state) ([]byte, error) {
	tap := &c.session.tap
	if tap.stage == stageNone {
		return nil, wire.SWConditionsNotSatisfied
	}
	if r.p1 == 2 {
		return emv.Record2(), nil
	}
	if c.session.merchant.missing() {
		return nil, wire.SWSecurityStatusNotSatisfied
	}
	card := &next.cards[tap.slot]
	if tap.stage == stageOffered {
		if !next.release(*tap) {
			return nil, wire.SWConditionsNotSatisfied
		}
		tap.stage = stageReleased // a failing commit takes the session with it
	}
	if r.p1 == 1 {
		return emv.Record1(card.pan, card.expiration, card.sequence, card.class.Currency), nil
	}
	return emv.Record3(card.keys.public, card.class, card.signature), nil
}

// release shows a card to a payment: for the first time, which counts against its limit, or again.
func (s *state) release(t tap) bool {
	card := &s.cards[t.slot]
	if s.arm.state != wire.ArmBound {
		total, ok := card.offers(t.terms)
		if !ok {
			return false
		}
		switch card.class.Kind {
		case wire.CardUntilExpiry:
			card.total = total
		default:
			card.state = wire.CardSpent
		}
	}
	card.atc++
	s.arm.state, s.arm.terms, s.arm.slot = wire.ArmBound, t.terms, byte(t.slot)
	s.arm.tries++
	return true
}

// acParams wants a type of cryptogram.
func acParams(p1, p2 byte) error {
	if p2 != 0 || (p1 != wire.P1ARQC && p1 != wire.P1TC && p1 != wire.P1AAC) {
		return wire.SWIncorrectP1P2
	}
	return nil
}

// generateAC is GENERATE AC. The length of its data says whether it is the first or the second.
func (c *Card) generateAC(r request, next *state) ([]byte, error) {
	stage := c.session.tap.stage
	switch {
	case len(r.data) == emv.CDOL1DataLen && stage == stageReleased:
		return c.firstAC(r, next)
	case len(r.data) == emv.CDOL2DataLen && stage == stageRequested && r.p1 != wire.P1ARQC:
		return c.secondAC(r, next)
	default:
		return nil, wire.SWConditionsNotSatisfied
	}
}

// firstAC answers an ARQC with the card key's signature, or an AAC, which ends the tap.
func (c *Card) firstAC(r request, next *state) ([]byte, error) {
	tap := &c.session.tap
	d, err := emv.ParseCDOL1Data(r.data)
	if err != nil {
		return nil, wire.SWWrongData
	}
	said := terms{amount: d.Amount, currency: d.Currency, un: d.UN, merchant: d.Merchant}
	if said != tap.terms || d.Date != tap.date {
		return nil, wire.SWWrongData
	}
	card := &next.cards[tap.slot]
	answer := c.cryptogram(card, emv.CVRNone, r.data)
	if r.p1 == wire.P1AAC {
		answer.CID = emv.CIDAAC
		c.end(next)
		return answer.Encode(), nil
	}
	c.meter.hash(len(card.pan))
	sig, err := c.sign(card.keys, wire.SigTap, message.Tap{
		Amount: d.Amount, Currency: d.Currency, Date: d.Date, UN: d.UN, Merchant: d.Merchant,
		ATC: [wire.ATCLen]byte{byte(card.atc >> 8), byte(card.atc & 0xFF)},
		PAN: sha256.Sum256(card.pan[:]), Relay: c.session.relay.last,
	}.Digest())
	if err != nil {
		return nil, err
	}
	tap.stage, tap.arqc, tap.cdol1 = stageRequested, answer.AC, bytes.Clone(r.data)
	answer.CID, answer.Tap = emv.CIDARQC, &sig
	return answer.Encode(), nil
}

// secondAC judges the ARPC, answers a TC or an AAC, and ends the tap.
func (c *Card) secondAC(r request, next *state) ([]byte, error) {
	tap := &c.session.tap
	d, err := emv.ParseCDOL2Data(r.data)
	if err != nil {
		return nil, wire.SWWrongData
	}
	card := &next.cards[tap.slot]
	csu := [4]byte(d.IssuerAuth[4:])
	c.meter.session()
	c.meter.mac(len(tap.arqc) + len(csu))
	want := emv.ARPC(emv.SessionKey(card.masterKey, card.atc), tap.arqc, csu)
	right := subtle.ConstantTimeCompare(want[:], d.IssuerAuth[:4]) == 1
	cvr := emv.CVRIssuerAuthFailed
	if right {
		cvr = emv.CVRIssuerAuthenticated
	}
	answer := c.cryptogram(card, cvr, tap.cdol1, r.data)
	answer.CID = emv.CIDAAC
	if right && emv.Approves(csu) && r.p1 == wire.P1TC {
		answer.CID = emv.CIDTC
	}
	c.end(next)
	return answer.Encode(), nil
}

// cryptogram makes a cryptogram over the terminal's data and what the card adds.
func (c *Card) cryptogram(card *cardSlot, cvr uint32, data ...[]byte) emv.ACAnswer {
	aip, iad := emv.AIP(), emv.IAD(cvr)
	atc := []byte{byte(card.atc >> 8), byte(card.atc & 0xFF)}
	parts := append(data, aip[:], atc, iad[:])
	c.meter.session()
	c.meter.mac(total(parts))
	return emv.ACAnswer{
		ATC: card.atc, IAD: iad[:],
		AC: emv.Cryptogram(emv.SessionKey(card.masterKey, card.atc), parts...),
	}
}

// end ends arming and tap.
func (c *Card) end(next *state) {
	next.arm = arming{}
	c.session.tap, c.session.offline, c.session.merchant = tap{}, offlineTap{}, merchantProof{}
	c.session.relay = relay{}
}
