package emulator

import (
	"crypto/sha256"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Lengths of the sealed messages that the card gets: enc, padded body, MAC.
const (
	aidReplyLen = 144 + wire.MACLen
	aidGrantLen = wire.PointLen + 176 + wire.MACLen
)

// createUser is CREATE USER: ID_U.
func (c *Card) createUser(r request, next *state) ([]byte, error) {
	for i := range next.banks {
		if next.banks[i].state != wire.AccountEmpty {
			return nil, wire.SWConditionsNotSatisfied
		}
	}
	pair, err := c.newPair()
	if err != nil {
		return nil, err
	}
	next.user = user{present: 1, id: message.UserID(r.data), keys: pair}
	sig, err := c.sign(next.se, wire.MsgUserKey, message.UserKey{
		CA: next.ca, User: next.user.id, SE: next.se.public, Key: pair.public,
	}.Digest())
	return append(pair.public[:], sig[:]...), err
}

// openAccount is OPEN ACCOUNT: CERT_B,sign || CERT_B,kem.
func (c *Card) openAccount(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	if next.user.present == 0 {
		return nil, wire.SWConditionsNotSatisfied
	}
	to, err := bank.next(wire.InsOpenAccount)
	if err != nil {
		return nil, err
	}
	id, sign, kem, err := c.party(next, wire.CertBankSign, wire.CertBankKEM, r.data)
	if err != nil {
		return nil, err
	}
	enc, e, err := c.encap(kem, wire.MsgOpenAccount)
	if err != nil {
		return nil, err
	}
	shared, err := message.ExportSharedKey(e)
	if err != nil {
		return nil, err
	}
	*bank = bankSlot{
		state: to, id: id, sign: sign, kem: kem,
		th: message.AKBindTranscript(id, enc),
	}
	c.meter.hash(transcriptLen, wire.HashLen+len(enc))
	copy(bank.shared[:], shared.Reveal())
	return enc[:], nil
}

// bindAK is BIND AK: PK_AK.
func (c *Card) bindAK(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	if _, err := bank.next(wire.InsBindAK); err != nil {
		return nil, err
	}
	ak := message.PublicKey(r.data)
	if !isPoint(ak) {
		return nil, wire.SWWrongData
	}
	if err := next.launch.bind(ak); err != nil {
		return nil, err
	}
	m := message.AKBind{Bank: bank.id, SE: next.se.public, AK: ak}
	sig, err := c.sign(next.se, wire.MsgAKBind, m.Digest(bank.th))
	return sig[:], err
}

// sharedKey is the bank slot's K_B,U.
func (b *bankSlot) sharedKey() (message.SharedKey, error) {
	return message.NewSharedKey(b.shared[:])
}

// aidRequest is AID REQUEST. It starts the run anew.
func (c *Card) aidRequest(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	to, err := bank.next(wire.InsAIDRequest)
	if err != nil {
		return nil, err
	}
	shared, err := bank.sharedKey()
	if err != nil {
		return nil, err
	}
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, bank.id)
	m := message.AIDRequest{User: next.user.id}
	if err := c.random(m.Nonce[:]); err != nil {
		return nil, err
	}
	m.MAC = shared.RequestMAC(m.User, m.Nonce)
	c.meter.hmac(prefixLen + 2) // its key
	c.meter.mac(prefixLen + wire.UserIDLen + wire.NonceLen)
	m.Signature, err = c.sign(next.user.keys, wire.MsgAIDRequest, m.Digest(th, bank.id))
	if err != nil {
		return nil, err
	}
	sealed, err := c.seal(bank.kem, wire.MsgAIDRequest, th[:], message.Encode(wire.MsgAIDRequest, m))
	bank.state, bank.th = to, th.Next(sealed)
	c.meter.hash(transcriptLen, wire.HashLen+len(sealed))
	return sealed, err
}

// aidReply is AID REPLY: message 2.
func (c *Card) aidReply(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	to, err := bank.next(wire.InsAIDReply)
	if err != nil {
		return nil, err
	}
	offer, err := c.openReply(bank, r.data)
	if err != nil {
		return nil, err
	}
	bank.account, bank.nonce = offer.Account, offer.Nonce
	bank.limit, bank.expiry = offer.Limit, offer.Expiry
	if bank.signKeys, err = c.newPair(); err != nil {
		return nil, err
	}
	if bank.kemKeys, err = c.newPair(); err != nil {
		return nil, err
	}
	bank.state, bank.th = to, bank.th.Next(r.data)
	c.meter.hash(wire.HashLen + len(r.data))
	out := message.Encode(wire.MsgAIDReply, offer)[1+len(wire.Label):]
	out = append(out, bank.signKeys.public[:]...)
	return append(out, bank.kemKeys.public[:]...), nil
}

// openReply opens message 2 and checks SIG(SK_B).
func (c *Card) openReply(b *bankSlot, sealed []byte) (message.AIDOffer, error) {
	shared, err := b.sharedKey()
	if err != nil {
		return message.AIDOffer{}, err
	}
	c.meter.hmac(prefixLen + wire.HashLen + 1) // its keys
	c.meter.channel(len(b.th), len(sealed))
	body, err := shared.ReplyKeys(b.th).Open(0, b.th[:], sealed)
	if err != nil {
		return message.AIDOffer{}, wire.SWWrongData
	}
	m, err := message.Decode[message.AIDReply](wire.MsgAIDReply, body)
	if err != nil {
		return message.AIDOffer{}, wire.SWWrongData
	}
	return m.Offer, c.verify(b.sign, wire.MsgAIDReply, m.Digest(b.th), m.Signature)
}

// aidKeys is AID KEYS: message 3.
func (c *Card) aidKeys(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	to, err := bank.next(wire.InsAIDKeys)
	if err != nil {
		return nil, err
	}
	m := message.AIDKeys{Certificate: next.cert, X: message.AccountKeys{
		Bank: bank.id, User: sha256.Sum256(next.user.keys.public[:]), SE: next.se.public,
		Account: bank.account, Sign: bank.signKeys.public, KEM: bank.kemKeys.public,
		Nonce: bank.nonce, Limit: bank.limit, Expiry: bank.expiry,
	}}
	for _, part := range []struct {
		dst  *message.Signature
		keys keyPair
		t    wire.MessageType
	}{
		{&m.Pop, bank.signKeys, wire.MsgAIDPop},
		{&m.Key, next.se, wire.MsgAIDKey},
		{&m.Bind, next.user.keys, wire.MsgAIDBind},
	} {
		sig, err := c.sign(part.keys, part.t, m.X.Digest(part.t, bank.th))
		if err != nil {
			return nil, err
		}
		*part.dst = sig
	}
	sealed, err := c.seal(bank.kem, wire.MsgAIDKeys, bank.th[:], message.Encode(wire.MsgAIDKeys, m))
	bank.state, bank.th = to, bank.th.Next(sealed)
	c.meter.hash(wire.PointLen, wire.HashLen+len(sealed))
	return sealed, err
}

// aidGrant is AID GRANT: message 4.
func (c *Card) aidGrant(r request, next *state) ([]byte, error) {
	bank := &next.banks[r.p1]
	to, err := bank.next(wire.InsAIDGrant)
	if err != nil {
		return nil, err
	}
	body, e, err := c.open(bank.kemKeys, wire.MsgAIDGrant, bank.th[:], r.data)
	if err != nil {
		return nil, err
	}
	m, err := message.Decode[message.AIDGrant](wire.MsgAIDGrant, body)
	if err != nil || m.Account != bank.account || m.Limit != bank.limit || m.Expiry != bank.expiry {
		return nil, wire.SWWrongData
	}
	certified := message.AccountCertificate{
		Bank: bank.id, Account: bank.account, Sign: bank.signKeys.public,
		KEM: bank.kemKeys.public, Limit: bank.limit, Expiry: bank.expiry,
	}
	err = c.verify(bank.sign, wire.CertAccount, certified.Digest(), m.Certificate)
	if err != nil {
		return nil, err
	}
	enc := message.PublicKey(r.data[:wire.PointLen])
	err = c.verify(bank.sign, wire.MsgAIDGrant, m.Digest(bank.th, enc), m.Signature)
	if err != nil {
		return nil, err
	}
	if err := e.exportKeys(&bank.toBank, wire.KeyAIDToBank); err != nil {
		return nil, err
	}
	if err := e.exportKeys(&bank.toSE, wire.KeyAIDToSE); err != nil {
		return nil, err
	}
	bank.state, bank.certificate, bank.sent = to, m.Certificate, 0
	return nil, nil
}
