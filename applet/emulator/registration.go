package emulator

import (
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Lengths of the data that the card gets.
const (
	tidReplyLen  = wire.PointLen + 80 + wire.MACLen
	binfoDataLen = wire.LimitLen + wire.EpochLen + wire.HashLen
	tidStatusLen = wire.CounterLen + 208 + wire.MACLen
)

// tidRegister is TID REGISTER: the TSM's certificates || n_T || n_B || SID. It starts the run anew.
func (c *Card) tidRegister(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	if _, err := next.banks[r.p2].next(wire.InsTIDRegister); err != nil {
		return nil, err
	}
	to, err := slot.next(wire.InsTIDRegister)
	if err != nil {
		return nil, err
	}
	const certs = 2 * wire.CertificateLen
	id, sign, kem, err := c.party(next, wire.CertTSMSign, wire.CertTSMKEM, r.data[:certs])
	if err != nil {
		return nil, err
	}
	nonces := r.data[certs:]
	*slot = tidSlot{
		state: to, bank: r.p2, id: id, sign: sign,
		nonceTSM: message.Nonce(nonces[:16]), nonceBank: message.Nonce(nonces[16:32]),
		session: message.SessionID(nonces[32:]),
	}
	if slot.signKeys, err = c.newPair(); err != nil {
		return nil, err
	}
	if slot.kemKeys, err = c.newPair(); err != nil {
		return nil, err
	}
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, id)
	m := message.TIDRegister{Sign: slot.signKeys.public, KEM: slot.kemKeys.public}
	digest := m.Digest(th, slot.nonceTSM, id)
	if m.Signature, err = c.sign(slot.signKeys, wire.MsgTIDRegister, digest); err != nil {
		return nil, err
	}
	sealed, err := c.seal(kem, wire.MsgTIDRegister, th[:], message.Encode(wire.MsgTIDRegister, m))
	slot.th = th.Next(sealed)
	c.meter.hash(transcriptLen, wire.HashLen+len(sealed))
	return sealed, err
}

// tid is the slot's TSM account ID.
func (t *tidSlot) tid() message.TID { return message.NewTID(t.signKeys.public, t.kemKeys.public) }

// tidReply is TID REPLY: message 2.
func (c *Card) tidReply(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	to, err := slot.next(wire.InsTIDReply)
	if err != nil {
		return nil, err
	}
	body, e, err := c.open(slot.kemKeys, wire.MsgTIDReply, slot.th[:], r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.TIDReply](wire.MsgTIDReply, body)
	if err != nil {
		return nil, wire.SWWrongData
	}
	covered := message.TIDReplyFields{
		Enc: message.PublicKey(r.data[:wire.PointLen]), Session: slot.session, TID: slot.tid(),
		Sign: slot.signKeys.public, KEM: slot.kemKeys.public,
		NonceTSM: slot.nonceTSM, NonceBank: slot.nonceBank,
	}
	c.meter.hash(2 * wire.PointLen)
	err = c.verify(slot.sign, wire.MsgTIDReply, covered.Digest(slot.th), m.Signature)
	if err != nil {
		return nil, err
	}
	if err := e.exportKeys(&slot.toTSM, wire.KeyTIDToTSM); err != nil {
		return nil, err
	}
	if err := e.exportKeys(&slot.toSE, wire.KeyTIDToSE); err != nil {
		return nil, err
	}
	slot.state, slot.th = to, slot.th.Next(r.data)
	c.meter.hash(wire.HashLen + len(r.data))
	return nil, nil
}

// binfo is BINFO: L || expiry || H(evidence).
func (c *Card) binfo(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	bank := &next.banks[slot.bank]
	if _, err := bank.next(wire.InsBINFO); err != nil {
		return nil, err
	}
	to, err := slot.next(wire.InsBINFO)
	if err != nil {
		return nil, err
	}
	slot.limit = message.Limit(binary.BigEndian.Uint64(r.data))
	slot.expiry = message.Epoch(binary.BigEndian.Uint32(r.data[wire.LimitLen:]))
	if slot.limit == 0 || slot.limit > bank.limit || slot.expiry > bank.expiry {
		return nil, wire.SWWrongData
	}
	if err := c.random(slot.nonceSE[:]); err != nil {
		return nil, err
	}
	if err := c.random(slot.rho[:]); err != nil {
		return nil, err
	}
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, bank.id)
	m := message.BINFO{
		Funding: slot.funding(bank.id), Account: bank.account, Certificate: bank.certificate,
		Evidence: message.Hash(r.data[wire.LimitLen+wire.EpochLen:]),
	}
	c.meter.hash(transcriptLen, 2*wire.PointLen, commitmentLen)
	if m.Signature, err = c.sign(bank.signKeys, wire.MsgBINFO, m.Digest(th)); err != nil {
		return nil, err
	}
	slot.state = to
	return c.seal(bank.kem, wire.MsgBINFO, th[:], message.Encode(wire.MsgBINFO, m))
}

// funding is what bank and TSM must see alike.
func (t *tidSlot) funding(bank message.PartyID) message.Funding {
	return message.Funding{
		Session: t.session, TSM: t.id, Bank: bank, NonceBank: t.nonceBank, NonceSE: t.nonceSE,
		Commitment: message.Commit(t.signKeys.public, t.kemKeys.public, t.rho),
		Limit:      t.limit, Expiry: t.expiry,
	}
}

// tsminfo is TSMINFO: H(BINFO).
func (c *Card) tsminfo(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	to, err := slot.next(wire.InsTSMINFO)
	if err != nil {
		return nil, err
	}
	m := message.TSMINFO{
		Bank: next.banks[slot.bank].id, NonceSE: slot.nonceSE, Limit: slot.limit,
		Expiry: slot.expiry, Rho: slot.rho, BINFO: message.Hash(r.data),
	}
	digest := m.Digest(slot.th, slot.session, slot.id, slot.nonceBank, slot.nonceTSM)
	if m.Signature, err = c.sign(slot.signKeys, wire.MsgTSMINFO, digest); err != nil {
		return nil, err
	}
	sealed, err := c.send(slot, slot.th, message.Encode(wire.MsgTSMINFO, m))
	slot.state, slot.th = to, slot.th.Next(sealed)
	c.meter.hash(wire.HashLen + len(sealed))
	return sealed, err
}

// send seals a body towards the TSM with the next counter.
func (c *Card) send(t *tidSlot, ad message.Transcript, body []byte) ([]byte, error) {
	return c.sendCounted(&t.sent, t.toTSM, ad, body)
}

// sendCounted seals a body under a channel's next counter, and uses it up.
func (c *Card) sendCounted(
	counter *uint32, channel [2 * wire.KeyLen]byte, ad message.Transcript, body []byte,
) ([]byte, error) {
	if *counter == 1<<32-1 {
		return nil, wire.SWConditionsNotSatisfied
	}
	keys, err := message.NewKeys(channel[:])
	if err != nil {
		return nil, err
	}
	sealed := keys.SealCounted(*counter, ad[:], body)
	c.meter.channel(len(ad), len(sealed)-wire.CounterLen)
	*counter++
	return sealed, nil
}

// receive opens a body from the TSM, whose counter hasn't been used, and uses it up.
func (c *Card) receive(t *tidSlot, ad message.Transcript, sealed []byte) ([]byte, error) {
	keys, err := message.NewKeys(t.toSE[:])
	if err != nil {
		return nil, err
	}
	c.meter.channel(len(ad), len(sealed)-wire.CounterLen)
	counter, body, err := keys.OpenCounted(t.received, ad[:], sealed)
	if err != nil {
		return nil, wire.SWWrongData
	}
	t.received = counter + 1
	return body, nil
}

// tidStatus is TID STATUS: message 6.
func (c *Card) tidStatus(r request, next *state) ([]byte, error) {
	slot := &next.tids[r.p1]
	to, err := slot.next(wire.InsTIDStatus)
	if err != nil {
		return nil, err
	}
	body, err := c.receive(slot, slot.th, r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.TIDStatus](wire.MsgTIDStatus, body)
	if err != nil || m.Status != message.TIDStatusOK ||
		m.Limit != slot.limit || m.Expiry != slot.expiry {
		return nil, wire.SWWrongData
	}
	if err := c.verify(slot.sign, wire.MsgTIDStatus, m.Digest(slot.th), m.Signature); err != nil {
		return nil, err
	}
	bank := &next.banks[slot.bank]
	funding := slot.funding(bank.id)
	auth := message.Auth{
		Session: slot.session, Handle: m.Handle, Commitment: funding.Commitment,
		Limit: slot.limit, Expiry: slot.expiry, OK: message.AuthOK, TSMBINFO: m.TSMBINFO,
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, bank.id)
	c.meter.hash(2*wire.PointLen, commitmentLen, transcriptLen)
	err = c.verify(bank.sign, wire.MsgAuth, auth.Digest(th), m.AuthSignature)
	if err != nil {
		return nil, err
	}
	slot.state = to
	return nil, nil
}
