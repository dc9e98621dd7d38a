package emulator

import (
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
	cert, err := next.certificate(wire.CertTSMEpoch, r.data)
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
	slot, tid := &next.cards[r.p1], &next.tids[r.p2]
	bound := next.arm.state == wire.ArmBound && next.arm.slot == r.p1
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
	covered := message.CardKey{TSM: tid.id, TID: tid.tid(), Key: pair.public}
	m := message.CardRequest{Key: pair.public}
	if m.Roll, err = tid.signKeys.sign(covered.Digest(wire.MsgRoll, th)); err != nil {
		return nil, err
	}
	if m.Pop, err = pair.sign(covered.Digest(wire.MsgPop, th)); err != nil {
		return nil, err
	}
	sealed, err := tid.send(th, message.Encode(wire.MsgCardRequest, m))
	*slot = cardSlot{state: wire.CardRequested, tid: r.p2, keys: pair, th: th.Next(sealed)}
	return sealed, err
}

// cardPut is CARD PUT.
func (c *Card) cardPut(r request, next *state) ([]byte, error) {
	slot := &next.cards[r.p1]
	if slot.state != wire.CardRequested {
		return nil, wire.SWConditionsNotSatisfied
	}
	tid := &next.tids[slot.tid]
	body, err := tid.receive(slot.th, r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.CardPut](wire.MsgCardPut, body)
	if err != nil {
		return nil, wire.SWWrongData
	}
	signed := message.VCard{PAN: m.PAN, Key: slot.keys.public, Class: m.Class}
	if err := verify(tid.epochKey, signed.Digest(), m.Signature); err != nil {
		return nil, err
	}
	slot.state, slot.pan, slot.expiration = wire.CardReady, m.PAN, m.Expiration
	slot.sequence, slot.class, slot.signature = m.Sequence, m.Class, m.Signature
	slot.masterKey, slot.atc = m.MasterKey, 0
	return nil, nil
}
