package dispute_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
)

// signer is a key pair.
type signer struct {
	key    *ecdsa.PrivateKey
	public message.PublicKey
}

func newSigner(t *testing.T) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	public, err := message.NewPublicKey(&key.PublicKey)
	check(t, err)
	return signer{key, public}
}

func (s signer) sign(t *testing.T, digest message.Hash) message.Signature {
	t.Helper()
	sig, err := message.Sign(s.key, digest)
	check(t, err)
	return sig
}

// certify issues a compact certificate.
func (s signer) certify(
	t *testing.T, kind wire.MessageType, who message.UserID, key message.PublicKey,
) message.Certificate {
	t.Helper()
	c, err := message.IssueCertificate(s.key, message.Certificate{
		Type: kind, Issuer: caID, Subject: who, Key: key, Expiry: epoch + 1,
	})
	check(t, err)
	return c
}

const epoch message.Epoch = 2972 // 2026-12-10 to 2026-12-16, whatever its length

// The parties' names.
var (
	caID   = message.NewPartyID("CA000001")
	tsmID  = message.NewPartyID("TSM00001")
	bankID = message.NewPartyID("BKA00001")
	judge  = message.NewPartyID("JDG00001")
)

// world is everybody's keys: a test holds those of the attacker, and his victim's in the element.
type world struct {
	ca, tsm, epochKey, bank signer
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{newSigner(t), newSigner(t), newSigner(t), newSigner(t)}
}

// person is a user with his element.
type person struct {
	id                       message.UserID
	user, se, aid, tid, card signer
	cert, seCert             message.Certificate
	keys                     message.AIDKeys
	binfo                    message.BINFO
	chain                    dispute.TSMChain
	pan                      [wire.PANLen]byte
	kem                      message.PublicKey
	th                       message.Transcript
	handle                   message.Handle
}

// enrol makes a user with an account, a TSM account funded from it and a card.
func (w world) enrol(t *testing.T, name string) *person {
	t.Helper()
	p := &person{
		id: message.NewUserID(name), user: newSigner(t), se: newSigner(t), aid: newSigner(t),
		tid: newSigner(t), card: newSigner(t), kem: newSigner(t).public,
		pan: [wire.PANLen]byte{0x99, 0x99, 0x99, name[0], 0xFF},
	}
	_, _ = rand.Read(p.th[:])
	_, _ = rand.Read(p.handle[:])
	p.cert = w.ca.certify(t, wire.CertUser, p.id, p.user.public)
	p.seCert = w.ca.certify(t, wire.CertSE, message.NewUserID("SE-"+name), p.se.public)
	p.keys.X = message.AccountKeys{
		Bank: bankID, User: sha256.Sum256(p.user.public[:]), SE: p.se.public,
		Account: message.AccountID{name[0]}, Sign: p.aid.public, KEM: p.kem, Limit: 10000,
		Expiry: epoch + 1,
	}
	p.chain = dispute.TSMChain{Sign: p.tid.public, KEM: p.kem, Rho: message.Hash{name[0], 1}}
	p.signAccount(t)
	p.binfo = message.BINFO{Account: p.keys.X.Account, Funding: message.Funding{
		TSM: tsmID, Bank: bankID, Commitment: p.chain.Commitment(), Limit: 5000, Expiry: epoch + 1,
	}}
	p.signBINFO(t)
	p.roll(t)
	return p
}

func (p *person) signAccount(t *testing.T) {
	t.Helper()
	p.keys.Pop = p.aid.sign(t, p.keys.X.Digest(wire.MsgAIDPop, p.th))
	p.keys.Key = p.se.sign(t, p.keys.X.Digest(wire.MsgAIDKey, p.th))
	p.keys.Bind = p.user.sign(t, p.keys.X.Digest(wire.MsgAIDBind, p.th))
	p.keys.Certificate = [wire.CertificateLen]byte(p.seCert.Encode())
}

func (p *person) signBINFO(t *testing.T) {
	t.Helper()
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleBank, p.binfo.Funding.Bank)
	p.binfo.Signature = p.aid.sign(t, p.binfo.Digest(th))
}

func (p *person) roll(t *testing.T) {
	t.Helper()
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, tsmID)
	key := message.CardKey{TSM: tsmID, TID: message.NewTID(p.tid.public, p.kem), Key: p.card.public}
	p.chain.Roll = p.tid.sign(t, key.Digest(wire.MsgRoll, th))
}

// pay is a payment of 12.50 with a person's card.
func (w world) pay(t *testing.T, p *person) dispute.Payment {
	t.Helper()
	pay := dispute.Payment{
		Card: message.VCard{PAN: p.pan, Key: p.card.public, Class: message.Class{
			Limit: [6]byte{0, 0, 0, 0, 0x50, 0}, Currency: [2]byte{0x09, 0x78}, Expiry: epoch,
		}},
		Epoch: w.ca.certify(t, wire.CertTSMEpoch, message.PartySubject(tsmID), w.epochKey.public),
		Tap: message.Tap{
			Amount: [6]byte{0, 0, 0, 0, 0x12, 0x50}, Currency: [2]byte{0x09, 0x78}, Date: today(),
			Merchant: [wire.MerchantLen]byte([]byte("MRC00001-SHOP  ")),
			PAN:      sha256.Sum256(p.pan[:]),
		},
	}
	pay.VCard = w.epochKey.sign(t, pay.Card.Digest())
	pay.Signed = p.card.sign(t, pay.Tap.Digest())
	return pay
}

// today is a day of the epoch.
func today() [wire.DateLen]byte {
	y, m, d := epoch.End().AddDate(0, 0, -1).Date()
	bcd := func(n int) byte { return byte(n/10<<4 | n%10) }
	return [wire.DateLen]byte{bcd(y % 100), bcd(int(m)), bcd(d)}
}

// open has TSM and bank open what is disputed, believing what they are given.
func (w world) open(t *testing.T, subject dispute.Subject, p *person) dispute.Outcome {
	t.Helper()
	o := dispute.Outcome{Subject: subject}
	o.TSM.Chain, o.Bank.Chain = p.chain, dispute.BankChain{
		BINFO: p.binfo, Keys: p.keys, Transcript: p.th,
		User: [wire.CertificateLen]byte(p.cert.Encode()),
	}
	o.TSM.Certificate = w.ca.certify(t, wire.CertTSMSign, message.PartySubject(tsmID), w.tsm.public)
	o.Bank.Certificate = w.ca.certify(t, wire.CertBankSign, message.PartySubject(bankID),
		w.bank.public)
	o.TSM.Entry.Head = dispute.Head{
		Party: tsmID, Judge: judge, Number: 1, Subject: subject.Sum(), Bank: bankID, Handle: p.handle,
	}
	w.seal(t, &o)
	return o
}

// seal has TSM and bank sign what the outcome says.
func (w world) seal(t *testing.T, o *dispute.Outcome) {
	t.Helper()
	head := &o.TSM.Entry.Head
	head.Subject, head.Chain = o.Subject.Sum(), o.TSM.Chain.Sum()
	head.Commitment = o.TSM.Chain.Commitment()
	o.TSM.Entry.Signature = w.tsm.sign(t, head.Sum())
	o.Bank.Entry.Head = *head
	bank := &o.Bank.Entry.Head
	bank.Party, bank.Subject, bank.Chain = bankID, head.Sum(), o.Bank.Chain.Sum()
	o.Bank.Entry.Signature = w.bank.sign(t, bank.Sum())
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
