package conformance

import (
	"crypto/sha256"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// tidRun is the TSM's side of one TSM account slot, phases 3 and 4.
type tidRun struct {
	p                   *parties
	nonceTSM, nonceBank message.Nonce
	session             message.SessionID
	sign, kem           message.PublicKey // the SE's
	th                  message.Transcript
	fromSE, toSE        message.Keys
	received, sent      uint32 // the next counters
	funding             message.Funding
	replyType           wire.MessageType // of message 2; for tests another than MsgTIDReply
}

// start makes the nonces that TID REGISTER names, and returns its data.
func (r *tidRun) start(t TB) []byte {
	t.Helper()
	fill(t, r.nonceTSM[:])
	fill(t, r.nonceBank[:])
	fill(t, r.session[:])
	return concat(r.p.tsm.certs, r.nonceTSM[:], r.nonceBank[:], r.session[:])
}

// register checks phase 3 message 1.
func (r *tidRun) register(t TB, sealed []byte) {
	t.Helper()
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, r.p.tsm.id)
	m := open[message.TIDRegister](t, r.p.tsm.kem, wire.MsgTIDRegister, th, sealed)
	verify(t, "tid-reg", m.Sign, m.Digest(th, r.nonceTSM, r.p.tsm.id), m.Signature)
	r.sign, r.kem, r.th = m.Sign, m.KEM, th.Next(sealed)
}

func (r *tidRun) tid() message.TID { return message.NewTID(r.sign, r.kem) }

// covered are the fields of tid-rep.
func (r *tidRun) covered(enc message.PublicKey) message.TIDReplyFields {
	return message.TIDReplyFields{
		Enc: enc, Session: r.session, TID: r.tid(), Sign: r.sign, KEM: r.kem,
		NonceTSM: r.nonceTSM, NonceBank: r.nonceBank,
	}
}

// sealReply signs and seals message 2. Change may spoil what is signed.
func (r *tidRun) sealReply(
	t TB, change func(*message.TIDReplyFields),
) (sealed []byte, e message.Exporter) {
	t.Helper()
	enc, e, err := message.Encap(r.kem, wire.MsgTIDReply)
	if err != nil {
		t.Fatal(err)
	}
	covered := r.covered(enc)
	if change != nil {
		change(&covered)
	}
	m := message.TIDReply{Signature: r.p.tsm.sign.sign(t, covered.Digest(r.th))}
	sealed, err = message.SealWith(enc, e, wire.MsgTIDReply, r.th[:], message.Encode(r.replyType, m))
	if err != nil {
		t.Fatal(err)
	}
	return sealed, e
}

// replied takes K_TID,TSM into use.
func (r *tidRun) replied(t TB, sealed []byte, e message.Exporter) {
	t.Helper()
	var err error
	if r.fromSE, err = message.ExportKeys(e, wire.KeyTIDToTSM); err != nil {
		t.Fatal(err)
	}
	if r.toSE, err = message.ExportKeys(e, wire.KeyTIDToSE); err != nil {
		t.Fatal(err)
	}
	r.th, r.received, r.sent = r.th.Next(sealed), 0, 0
}

// take opens what the card sent over the channel, which must have the next counter.
func take[T any](
	t TB, r *tidRun, mt wire.MessageType, ad message.Transcript, sealed []byte,
) T {
	t.Helper()
	counter, raw, err := r.fromSE.OpenCounted(r.received, ad[:], sealed)
	if err != nil {
		t.Fatalf("type %02x: %v", byte(mt), err)
	}
	if counter != r.received {
		t.Errorf("type %02x: counter %d, want %d", byte(mt), counter, r.received)
	}
	r.received = counter + 1
	body, err := message.Decode[T](mt, raw)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// tsminfo checks TSMINFO against what the bank found in BINFO.
func (r *tidRun) tsminfo(t TB, binfo message.Hash, f message.Funding, sealed []byte) {
	t.Helper()
	m := take[message.TSMINFO](t, r, wire.MsgTSMINFO, r.th, sealed)
	digest := m.Digest(r.th, r.session, r.p.tsm.id, r.nonceBank, r.nonceTSM)
	verify(t, "tsminfo", r.sign, digest, m.Signature)
	want := message.Funding{
		Session: r.session, TSM: r.p.tsm.id, Bank: m.Bank, NonceBank: r.nonceBank, NonceSE: m.NonceSE,
		Commitment: message.Commit(r.sign, r.kem, m.Rho), Limit: m.Limit, Expiry: m.Expiry,
	}
	if want != f || m.Bank != r.p.bank.id || m.BINFO != binfo {
		t.Errorf("bank and TSM see it differently: %v, %v", f, want)
	}
	r.funding, r.th = f, r.th.Next(sealed)
}

// status is message 6 before it is signed: what the bank said, and the account's terms.
func (r *tidRun) status(t TB) (message.Auth, message.TIDStatus) {
	t.Helper()
	auth := message.Auth{
		Session: r.session, Commitment: r.funding.Commitment, Limit: r.funding.Limit,
		Expiry: r.funding.Expiry, OK: message.AuthOK,
	}
	fill(t, auth.Handle[:])
	fill(t, auth.TSMBINFO[:])
	return auth, message.TIDStatus{
		Handle: auth.Handle, TSMBINFO: auth.TSMBINFO, Status: message.TIDStatusOK,
		Expiry: auth.Expiry, Limit: auth.Limit,
	}
}

// sealStatus has bank and TSM sign and seals message 6 with the next counter.
func (r *tidRun) sealStatus(t TB, auth message.Auth, m message.TIDStatus) []byte {
	t.Helper()
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, r.p.bank.id)
	m.AuthSignature = r.p.bank.sign.sign(t, auth.Digest(th))
	m.Signature = r.p.tsm.sign.sign(t, m.Digest(r.th))
	return r.send(r.th, message.Encode(wire.MsgTIDStatus, m))
}

// send seals a body for the card with the next counter.
func (r *tidRun) send(ad message.Transcript, body []byte) []byte {
	sealed := r.toSE.SealCounted(r.sent, ad[:], body)
	r.sent++
	return sealed
}

// cardRun is the TSM's side of one card slot.
type cardRun struct {
	tid    *tidRun
	key    message.PublicKey // PK_V
	th     message.Transcript
	class  message.Class
	put    message.CardPut
	master emv.MasterKey
}

// class returns a card's class with a limit of 50.00 in a currency.
func class(currency [wire.CurrencyLen]byte) message.Class {
	return message.Class{Limit: [6]byte{4: 0x50}, Currency: currency, Expiry: accountExpiry}
}

func euro() [wire.CurrencyLen]byte { return [wire.CurrencyLen]byte{0x09, 0x78} }

func dollar() [wire.CurrencyLen]byte { return [wire.CurrencyLen]byte{0x08, 0x40} }

// request checks CARD REQUEST.
func (c *cardRun) request(t TB, sealed []byte) {
	t.Helper()
	p := c.tid.p
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, p.tsm.id)
	m := take[message.CardRequest](t, c.tid, wire.MsgCardRequest, th, sealed)
	covered := message.CardKey{TSM: p.tsm.id, TID: c.tid.tid(), Key: m.Key, Kind: m.Kind}
	verify(t, "roll", c.tid.sign, covered.Digest(wire.MsgRoll, th), m.Roll)
	verify(t, "pop", m.Key, covered.Digest(wire.MsgPop, th), m.Pop)
	if m.Kind != c.class.Kind {
		t.Errorf("a card of kind %v was asked for, want %v", m.Kind, c.class.Kind)
	}
	c.key, c.th = m.Key, th.Next(sealed)
}

// issue makes a card for the key.
func (c *cardRun) issue(t TB) message.CardPut {
	t.Helper()
	pan, err := emv.NewPAN()
	if err != nil {
		t.Fatal(err)
	}
	c.put = message.CardPut{
		PAN: pan, Expiration: [3]byte{0x26, 0x12, 0x31}, Sequence: 1, Class: c.class,
	}
	fill(t, c.put.MasterKey[:])
	c.master = c.put.MasterKey
	signed := message.VCard{PAN: c.put.PAN, Key: c.key, Class: c.put.Class}
	c.put.Signature = c.tid.p.epoch.sign(t, signed.Digest())
	return c.put
}

// seal seals a card.
func (c *cardRun) seal(put message.CardPut) []byte {
	return c.tid.send(c.th, message.Encode(wire.MsgCardPut, put))
}

func hashOf(raw []byte) message.Hash { return sha256.Sum256(raw) }
