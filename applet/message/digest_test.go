package message_test

import (
	"crypto/sha256"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// digest is a signature's digest beside what it must cover: type, th and the listed fields, written
// out by hand, without the label.
type digest struct {
	name   string
	got    message.Hash
	signed []byte
}

func TestDigests(t *testing.T) {
	for _, row := range append(accountDigests(t), registrationDigests(t)...) {
		t.Run(row.name, func(t *testing.T) {
			signed := join(row.signed[:1], []byte(wire.Label), row.signed[1:])
			if row.got != sha256.Sum256(signed) {
				t.Errorf("the digest covers other bytes than %x", signed)
			}
		})
	}
}

const (
	testLimit  = 0x0102030405060708
	testExpiry = 0x0a0b0c0d
)

// accountDigests are those of phases 0 to 2.
func accountDigests(t *testing.T) []digest {
	th := message.Transcript(filled(0xA0, 32))
	keyA, keyB, enc := public(t, "aid sign"), public(t, "aid kem"), public(t, "enc")
	bank, ca := party(bankName), party(caName)
	user, account := message.UserID([]byte(userName)), message.AccountID(filled(0xC0, 16))
	sid, nonce := message.SessionID(filled(0x70, 16)), message.Nonce(filled(0xB0, 16))
	limit, expiry, cert := filled(0x01, 8), filled(0x0a, 4), sig(9)
	thCA := message.NewTranscript(0, wire.RoleUser, wire.RoleCA, ca)
	thAK := message.NewTranscript(1, wire.RoleUser, wire.RoleBank, bank).Next(enc[:])
	offer := message.AIDOffer{
		Session: sid, Account: account, Nonce: nonce, Limit: testLimit, Expiry: testExpiry,
	}
	certified := message.AccountCertificate{
		Bank: bank, Account: account, Sign: keyA, KEM: keyB, Limit: testLimit, Expiry: testExpiry,
	}
	grant := message.AIDGrant{
		Account: account, Expiry: testExpiry, Limit: testLimit, Certificate: cert, Signature: sig(1),
	}
	return []digest{
		{
			"user-key", message.UserKey{CA: ca, User: user, SE: keyA, Key: keyB}.Digest(),
			join([]byte{0x10}, thCA[:], ca[:], user[:], keyA[:], keyB[:]),
		},
		{
			"ak-bind", message.AKBind{Bank: bank, SE: keyA, AK: keyB}.
				Digest(message.AKBindTranscript(bank, enc)),
			join([]byte{0x12}, thAK[:], bank[:], keyA[:], keyB[:]),
		},
		{
			"aid-req", message.AIDRequest{User: user, Nonce: nonce}.Digest(th, bank),
			join([]byte{0x20}, th[:], user[:], bank[:], nonce[:]),
		},
		{
			"aid-rep", message.AIDReply{Offer: offer}.Digest(th),
			join([]byte{0x21}, th[:], sid[:], account[:], nonce[:], limit, expiry),
		},
		{
			"aid-cert", certified.Digest(),
			join([]byte{0x08}, bank[:], account[:], keyA[:], keyB[:], limit, expiry),
		},
		{
			"aid-grant", grant.Digest(th, enc),
			join([]byte{0x27}, th[:], enc[:], account[:], expiry, limit, cert[:]),
		},
	}
}

// registrationDigests are those of phases 3 and 4.
func registrationDigests(t *testing.T) []digest {
	th := message.Transcript(filled(0xA0, 32))
	keyA, keyB, enc := public(t, "tid sign"), public(t, "tid kem"), public(t, "enc")
	tid, bank, tsm := message.NewTID(keyA, keyB), party(bankName), party(tsmName)
	sid, h1, h2 := filled(0x70, 16), message.Hash(filled(1, 32)), message.Hash(filled(2, 32))
	nB, nT, nS := filled(0xB0, 16), filled(0x30, 16), filled(0x50, 16)
	limit, expiry := filled(0x01, 8), filled(0x0a, 4)
	funding := message.Funding{
		Session: message.SessionID(sid), TSM: tsm, Bank: bank, NonceBank: message.Nonce(nB),
		NonceSE: message.Nonce(nS), Commitment: h1, Limit: testLimit, Expiry: testExpiry,
	}
	fundingBytes := join(sid, tsm[:], bank[:], nB, nS, h1[:], limit, expiry)
	reply := message.TIDReplyFields{
		Enc: enc, Session: funding.Session, TID: tid, Sign: keyA, KEM: keyB,
		NonceTSM: message.Nonce(nT), NonceBank: funding.NonceBank,
	}
	tsminfo := message.TSMINFO{
		Bank: bank, NonceSE: funding.NonceSE, Limit: testLimit, Expiry: testExpiry, Rho: h1, BINFO: h2,
	}
	tsmbinfo := message.TSMBINFO{Funding: funding, NonceTSM: message.Nonce(nT), BINFO: h2}
	auth := message.Auth{
		Session: funding.Session, Handle: message.Handle(filled(8, 16)), Commitment: h1,
		Limit: testLimit, Expiry: testExpiry, OK: message.AuthOK, TSMBINFO: h2, Signature: sig(1),
	}
	register := message.TIDRegister{Sign: keyA, KEM: keyB}
	status := message.TIDStatus{Status: 1, Limit: testLimit, Expiry: testExpiry}
	card := message.CardKey{TSM: tsm, TID: tid, Key: keyA, Kind: wire.CardUntilExpiry}
	cardBytes := join(th[:], tsm[:], tid[:], keyA[:], []byte{0x01})
	return []digest{
		{
			"tid-reg", register.Digest(th, message.Nonce(nT), tsm),
			join([]byte{0x30}, th[:], tid[:], keyA[:], keyB[:], nT, tsm[:]),
		},
		{
			"tid-rep", reply.Digest(th),
			join([]byte{0x31}, th[:], enc[:], sid, tid[:], keyA[:], keyB[:], nT, nB),
		},
		{
			"binfo", message.BINFO{Funding: funding, Evidence: h2}.Digest(th),
			join([]byte{0x32}, th[:], fundingBytes, h2[:]),
		},
		{
			"tsminfo", tsminfo.Digest(th, funding.Session, tsm, funding.NonceBank, message.Nonce(nT)),
			join([]byte{0x34}, th[:], sid, tsm[:], bank[:], nB, nS, nT, limit, expiry, h1[:], h2[:]),
		},
		{"tsmbinfo", tsmbinfo.Digest(th), join([]byte{0x35}, th[:], fundingBytes, nT, h2[:])},
		{
			"auth", auth.Digest(th), join([]byte{0x36}, th[:], sid, filled(8, 16), h1[:], limit, expiry,
				[]byte{1}, h2[:], make([]byte, 64)),
		},
		{"tid-status", status.Digest(th), join([]byte{0x37}, th[:], []byte{1}, expiry, limit)},
		{
			"commitment", message.Commit(keyA, keyB, h1),
			join([]byte{0x3A}, tid[:], keyA[:], keyB[:], h1[:]),
		},
		{"roll", card.Digest(wire.MsgRoll, th), join([]byte{0x41}, cardBytes)},
		{"pop", card.Digest(wire.MsgPop, th), join([]byte{0x42}, cardBytes)},
	}
}
