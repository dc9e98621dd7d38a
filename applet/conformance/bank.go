package conformance

import (
	"crypto/sha256"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// accountRun is the bank's side of one bank account slot, phases 0 to 3, with all that the bank
// knows or has seen.
type accountRun struct {
	p      *parties
	seKey  message.PublicKey
	user   message.PublicKey
	shared message.SharedKey
	th     message.Transcript
	offer  message.AIDOffer
	x      message.AccountKeys
	grant  message.AIDGrant
	// K_AID,B from the SE, and the next counter.
	fromSE   message.Keys
	received uint32
}

// accept takes the encapsulated key of OPEN ACCOUNT.
func (a *accountRun) accept(t TB, enc message.PublicKey) {
	t.Helper()
	e, err := message.Decap(a.p.bank.kem.kem(t), enc, wire.MsgOpenAccount)
	if err != nil {
		t.Fatal(err)
	}
	if a.shared, err = message.ExportSharedKey(e); err != nil {
		t.Fatal(err)
	}
}

// open opens a message to the bank and decodes it.
func open[T any](
	t TB, key keyPair, mt wire.MessageType, ad message.Transcript, sealed []byte,
) T {
	t.Helper()
	raw, _, err := message.OpenFrom(key.kem(t), mt, ad[:], sealed)
	if err != nil {
		t.Fatalf("type %02x: %v", byte(mt), err)
	}
	body, err := message.Decode[T](mt, raw)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// verify fails the test when a signature of the card's is wrong.
func verify(
	t TB, what string, key message.PublicKey, digest message.Hash, sig message.Signature,
) {
	t.Helper()
	if err := message.Verify(key, digest, sig); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// request checks phase 2 message 1.
func (a *accountRun) request(t TB, sealed []byte) {
	t.Helper()
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, a.p.bank.id)
	m := open[message.AIDRequest](t, a.p.bank.kem, wire.MsgAIDRequest, th, sealed)
	if m.User != a.p.user || m.MAC != a.shared.RequestMAC(m.User, m.Nonce) {
		t.Errorf("message 1 is of %q, or its MAC is wrong", m.User)
	}
	if m.Nonce == (message.Nonce{}) {
		t.Error("n_S is zero")
	}
	verify(t, "aid-req", a.user, m.Digest(th, a.p.bank.id), m.Signature)
	a.th = th.Next(sealed)
}

// The account's terms in the suite.
const (
	accountLimit  message.Limit = 50000
	accountExpiry message.Epoch = 2950
)

// makeOffer is what the bank signs in message 2.
func (a *accountRun) makeOffer(t TB) message.AIDReply {
	t.Helper()
	m := message.AIDReply{Offer: message.AIDOffer{Limit: accountLimit, Expiry: accountExpiry}}
	fill(t, m.Offer.Session[:])
	fill(t, m.Offer.Account[:])
	fill(t, m.Offer.Nonce[:])
	m.Signature = a.p.bank.sign.sign(t, m.Digest(a.th))
	return m
}

// sealReply seals message 2.
func (a *accountRun) sealReply(m message.AIDReply) []byte {
	return a.shared.ReplyKeys(a.th).Seal(0, a.th[:], message.Encode(wire.MsgAIDReply, m))
}

// replied checks the card's answer to message 2 and goes on in the transcript.
func (a *accountRun) replied(t TB, offer message.AIDOffer, sealed, answer []byte) {
	t.Helper()
	want := message.Encode(wire.MsgAIDReply, offer)[1+len(wire.Label):]
	if string(answer[:len(want)]) != string(want) {
		t.Errorf("offer: got %x, want %x", answer[:len(want)], want)
	}
	keys := answer[len(want):]
	a.offer, a.th = offer, a.th.Next(sealed)
	a.x = message.AccountKeys{
		Bank: a.p.bank.id, User: sha256.Sum256(a.user[:]), SE: a.seKey, Account: offer.Account,
		Sign: message.PublicKey(keys), KEM: message.PublicKey(keys[wire.PointLen:]),
		Nonce: offer.Nonce, Limit: offer.Limit, Expiry: offer.Expiry,
	}
}

// keys checks phase 2 message 3.
func (a *accountRun) keys(t TB, cert message.Certificate, sealed []byte) {
	t.Helper()
	m := open[message.AIDKeys](t, a.p.bank.kem, wire.MsgAIDKeys, a.th, sealed)
	if m.X != a.x {
		t.Errorf("X: got %v, want %v", m.X, a.x)
	}
	if string(m.Certificate[:]) != string(cert.Encode()) {
		t.Error("message 3 has another CERT_SE")
	}
	verify(t, "aid-pop", m.X.Sign, m.X.Digest(wire.MsgAIDPop, a.th), m.Pop)
	verify(t, "aid-key", a.seKey, m.X.Digest(wire.MsgAIDKey, a.th), m.Key)
	verify(t, "aid-bind", a.user, m.X.Digest(wire.MsgAIDBind, a.th), m.Bind)
	a.th = a.th.Next(sealed)
}

// certify signs CERT_AID^B for what the account's keys and terms are.
func (a *accountRun) certify(t TB) message.Signature {
	t.Helper()
	return a.p.bank.sign.sign(t, message.AccountCertificate{
		Bank: a.p.bank.id, Account: a.x.Account, Sign: a.x.Sign, KEM: a.x.KEM,
		Limit: a.x.Limit, Expiry: a.x.Expiry,
	}.Digest())
}

// sealGrant signs and seals message 4. Change may spoil it: before it is signed, and after.
func (a *accountRun) sealGrant(t TB, before, after func(*message.AIDGrant)) []byte {
	t.Helper()
	enc, e, err := message.Encap(a.x.KEM, wire.MsgAIDGrant)
	if err != nil {
		t.Fatal(err)
	}
	m := message.AIDGrant{
		Account: a.x.Account, Expiry: a.x.Expiry, Limit: a.x.Limit, Certificate: a.certify(t),
	}
	if before != nil {
		before(&m)
	}
	m.Signature = a.p.bank.sign.sign(t, m.Digest(a.th, enc))
	if after != nil {
		after(&m)
	}
	a.grant, a.received = m, 0
	if a.fromSE, err = message.ExportKeys(e, wire.KeyAIDToBank); err != nil {
		t.Fatal(err)
	}
	sealed, err := message.SealWith(enc, e, wire.MsgAIDGrant, a.th[:],
		message.Encode(wire.MsgAIDGrant, m))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// funding checks BINFO's inner part and returns what the TSM has to see alike.
func (a *accountRun) funding(t TB, evidence message.Hash, sealed []byte) message.Funding {
	t.Helper()
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, a.p.bank.id)
	m := open[message.BINFO](t, a.p.bank.kem, wire.MsgBINFO, th, sealed)
	if m.Account != a.x.Account || m.Certificate != a.grant.Certificate || m.Evidence != evidence {
		t.Errorf("BINFO is of account %v", m.Account)
	}
	verify(t, "binfo", a.x.Sign, m.Digest(th), m.Signature)
	return m.Funding
}
