package emulator

import (
	"math"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

const cardPutLen = wire.CounterLen + 128 + wire.MACLen

// putEpochKey is PUT EPOCH KEY: CERT_TSM,epoch.
func (c *Card) putEpochKey(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	if _, err := slot.next(wire.InsPutEpochKey); err != nil {
		return nil, err
	}
	cert, err := c.certificate(next, wire.CertTSMEpoch, r.data)
	if err != nil {
		return nil, err
	}
	if cert.Subject != message.PartySubject(slot.id) {
		return nil, wire.SWWrongData
	}
	slot.hasEpoch, slot.epochKey = 1, cert.Key
	return nil, nil
}

// cardRequest is CARD REQUEST.
func (c *Card) cardRequest(r request, next *state) ([]byte, error) {
	account, kind := r.p2&0x0F, wire.CardKind(r.p2>>4)
	slot, tid := &next.cards[r.p1], &next.tids[account]
	bound := next.arm.state == wire.ArmBound && next.arm.target == wire.ArmCard &&
		next.arm.slot == r.p1
	armed := slot.state == wire.CardReady && next.arm.state != wire.ArmNone
	if _, err := tid.next(wire.InsCardRequest); err != nil {
		return nil, err
	}
	if tid.hasEpoch == 0 || bound || armed {
		return nil, wire.SWConditionsNotSatisfied
	}
	pair, err := c.newPair()
	if err != nil {
		return nil, err
	}
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, tid.id)
	covered := message.CardKey{TSM: tid.id, TID: tid.tid(), Key: pair.public, Kind: kind}
	m := message.CardRequest{Key: pair.public, Kind: kind}
	c.meter.hash(transcriptLen, 2*wire.PointLen)
	m.Roll, err = c.sign(tid.signKeys, wire.MsgRoll, covered.Digest(wire.MsgRoll, th))
	if err != nil {
		return nil, err
	}
	m.Pop, err = c.sign(pair, wire.MsgPop, covered.Digest(wire.MsgPop, th))
	if err != nil {
		return nil, err
	}
	sealed, err := c.send(tid, th, message.Encode(wire.MsgCardRequest, m))
	*slot = cardSlot{
		state: wire.CardRequested, tid: account, keys: pair, th: th.Next(sealed),
		class: message.Class{Kind: kind},
	}
	c.meter.hash(wire.HashLen + len(sealed))
	return sealed, err
}

// cardPut is CARD PUT.
func (c *Card) cardPut(r request, next *state) ([]byte, error) {
	slot := &next.cards[r.p1]
	if slot.state != wire.CardRequested {
		return nil, wire.SWConditionsNotSatisfied
	}
	tid := &next.tids[slot.tid]
	body, err := c.receive(tid, slot.th, r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.CardPut](wire.MsgCardPut, body)
	if err != nil {
		return nil, wire.SWWrongData
	}
	signed := message.VCard{PAN: m.PAN, Key: slot.keys.public, Class: m.Class}
	err = c.verify(tid.epochKey, wire.SigVCard, signed.Digest(), m.Signature)
	if err != nil {
		return nil, err
	}
	limit, err := emv.ParseN12(m.Class.Limit)
	if err != nil || message.Limit(limit) >= tid.limit || m.Class.Kind != slot.class.Kind {
		return nil, wire.SWWrongData
	}
	slot.state, slot.pan, slot.expiration = wire.CardReady, m.PAN, m.Expiration
	slot.sequence, slot.class, slot.signature = m.Sequence, m.Class, m.Signature
	slot.masterKey, slot.atc = m.MasterKey, 0
	return nil, nil
}

// cardData is data object DF06.
func (s *state) cardData() []byte {
	var out []byte
	for i := range s.cards {
		card := &s.cards[i]
		out = append(out, byte(card.class.Kind))
		out = append(out, card.class.Limit[:]...)
		out = append(out, card.total[:]...)
	}
	return out
}

// lastATC is the highest counter at which a new payment can be tried as often as any.
const lastATC = math.MaxUint16 - wire.TapTries

// offers says whether a card may be shown to a new payment, and what it has been shown to by then.
func (c *cardSlot) offers(t terms) (total [wire.AmountLen]byte, ok bool) {
	if c.state != wire.CardReady || c.class.Currency != t.currency || lastATC < c.atc {
		return total, false
	}
	limit, err1 := emv.ParseN12(c.class.Limit)
	shown, err2 := emv.ParseN12(c.total)
	amount, err3 := emv.ParseN12(t.amount)
	if err1 != nil || err2 != nil || err3 != nil || shown+amount > limit {
		return total, false
	}
	total, err1 = emv.N12(shown + amount)
	return total, err1 == nil
}
