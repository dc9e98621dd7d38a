package repairs

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// TestRepair10: a role has one key pair to sign and to decrypt, one side makes the session keys,
// and K_AID,B goes to the host under K_B,U (A 2.4 step 5; C fig. 1 step 8). Whoever holds the
// phone's software reads it. Ours: separate pairs, keys agreed by HPKE, and K_AID,B exported
// inside the SE.
func TestRepair10(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		kBU, kAID := newKey(t), newKey(t)
		toUser := kBU.encrypt(t, fields{[]byte("AID"), []byte("CERT"), kAID[:]}.encode(t))

		got := decodeFields(t, kBU.decrypt(t, toUser))[2] // "the user encrypts … and sends to SE"
		if !bytes.Equal(got, kAID[:]) {
			t.Error("the host doesn't read K_AID,B")
		}
	})
	p := newPhone(t, "alice")
	t.Run("ours, one pair for two uses", func(t *testing.T) {
		p.bank.Answer = func(path string, raw []byte) ([]byte, error) {
			var info api.Info
			if path != api.PathInfo {
				return raw, nil
			}
			check(t, json.Unmarshal(raw, &info))
			info.KEM = info.Sign
			return json.Marshal(info)
		}
		if err := p.open(t); err == nil {
			t.Error("a signing key serves as KEM key")
		}
		p.listen(t)
		check(t, p.open(t))
		check(t, p.register(t, 5000))
		x, tid := p.accountKeys(t), p.tsmAccount(t)
		if x.Sign == x.KEM || tid.Sign == tid.KEM || x.Sign == tid.Sign || x.KEM == tid.KEM {
			t.Error("an account has one pair for two uses")
		}
	})
	t.Run("ours, the host", func(t *testing.T) {
		keys := p.accountChannel(t)
		if !p.remembers(t, "bank", keys) {
			t.Fatal("the search is no use: the bank doesn't hold K_AID,B")
		}
		for _, s := range p.said {
			if bytes.Contains(s.raw, keys[:wire.KeyLen]) {
				t.Errorf("%s %s shows K_AID,B", s.path, s.field)
			}
		}
		state := read(t, p.Dir+"/wallet/wallet.json")
		for _, part := range [][]byte{keys[:16], keys[16:32]} {
			encoded, err := json.Marshal(part)
			check(t, err)
			if bytes.Contains(state, part) || bytes.Contains(state, encoded) {
				t.Error("the wallet's file holds K_AID,B")
			}
		}
	})
}

// accountChannel is K_AID,B in the direction to the bank, as the SE exports it.
func (p *phone) accountChannel(t *testing.T) []byte {
	t.Helper()
	th := message.Transcript(p.latest(t, toBank, api.PathAIDKeys, "run")).
		Next(p.latest(t, toBank, api.PathAIDKeys, "message_3"))
	key := p.Keys.KEM(t, p.accountKeys(t).KEM)
	_, exporter, err := message.OpenFrom(key, wire.MsgAIDGrant, th[:],
		p.latest(t, toBank, api.PathAIDKeys, "message_4"))
	check(t, err)
	keys, err := message.ExportKeys(exporter, wire.KeyAIDToBank)
	check(t, err)
	return keys.Reveal()
}

// TestRepair11: SK_TID belongs to host, SE or TSM, depending on the paragraph (A 2.6 steps 1 to 3;
// C fig. 2 step 1, fig. 3 steps 2 and 4). A TSM that has it makes cards and payments in a user's
// name. Ours: SK_TID never leaves the SE, and no card counts without SIG(SK_TID, "roll") on its
// key.
func TestRepair11(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		tid := newPair(t) // TSM and user both "have" it
		payment := tid.sign(t, join("UN", "999.00", "a shop that alice never saw").encode(t))
		if !payment.verify(tid.public(t)) {
			t.Error("the TSM can't pay in alice's name")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.ready(t, 1)
		account := p.tsmAccount(t)
		tid := message.NewTID(account.Sign, account.KEM)
		if secret := p.Keys.KEM(t, account.Sign).Bytes(); p.remembers(t, "tsm", secret) {
			t.Error("the TSM holds SK_TID")
		}
		forged := newPair(t) // SK_V, made by the TSM
		card := message.CardKey{
			TSM: p.TSM.ID, TID: tid, Key: message.PublicKey(forged.public(t)),
		}
		digest := card.Digest(wire.MsgRoll, p.userToTSM(4))
		for name, key := range map[string]pair{
			"SK_TSM": {p.TSM.SignKey}, "SK_TSM,epoch": {p.TSM.EpochKey}, "SK_V": forged,
		} {
			roll, err := message.Sign(key.PrivateKey, digest)
			check(t, err)
			if err := message.Verify(account.Sign, digest, roll); !errors.Is(err, message.ErrSignature) {
				t.Errorf("a roll by %s: %v", name, err)
			}
		}
	})
}

// TestRepair14: messages have no types. In A 2.5 step 1 and 2.6 step 3 the user signs TID and key,
// once to register and once to get a card, and one serves as the other. Ours: a type and a label
// begin all that is signed.
func TestRepair14(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		tid := newPair(t)
		registration := tid.sign(t, fields{[]byte("TID"), tid.public(t), []byte("2016-03-01")}.encode(t))
		request := signed{registration.body, registration.signature} // for a card, with its nonce
		if !request.verify(tid.public(t)) {
			t.Error("a registration isn't taken for a request for a card")
		}
	})
	t.Run("ours", func(t *testing.T) {
		key := newPair(t)
		var x message.AccountKeys
		var card message.CardKey
		var th message.Transcript
		alike := map[string]map[wire.MessageType]message.Hash{"X": {}, "a card's key": {}}
		for _, kind := range []wire.MessageType{wire.MsgAIDPop, wire.MsgAIDKey, wire.MsgAIDBind} {
			alike["X"][kind] = x.Digest(kind, th)
		}
		for _, kind := range []wire.MessageType{wire.MsgRoll, wire.MsgPop} {
			alike["a card's key"][kind] = card.Digest(kind, th)
		}
		for name, digests := range alike {
			for kind, digest := range digests {
				sig, err := message.Sign(key.PrivateKey, digest)
				check(t, err)
				for other, covered := range digests {
					err := message.Verify(message.PublicKey(key.public(t)), covered, sig)
					if (err == nil) != (other == kind) {
						t.Errorf("%s: a signature of type %02x as %02x: %v", name, kind, other, err)
					}
				}
			}
		}
	})
	t.Run("ours, a signature in another one's place", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.bank.Change = func(path string, raw []byte) ([]byte, error) {
			p.record(t, toBank, path, raw)
			if path == api.PathAIDKeys {
				return p.bindByPop(t, raw), nil
			}
			return raw, nil
		}
		err := p.open(t)
		if !errors.Is(err, &api.Problem{Code: api.CodeSignature}) {
			t.Errorf("a signature of SK_U over X, but of aid-key's type: %v", err)
		}
	})
}

// bindByPop is phase 2 message 3 with X signed by SK_U, but as aid-key.
func (p *phone) bindByPop(t *testing.T, raw []byte) []byte {
	t.Helper()
	var q api.AIDKeysRequest
	check(t, json.Unmarshal(raw, &q))
	th := message.Transcript(q.Run)
	body, exporter, err := message.OpenFrom(p.Bank.KEMKey, wire.MsgAIDKeys, th[:], q.Message3)
	check(t, err)
	m, err := message.Decode[message.AIDKeys](wire.MsgAIDKeys, body)
	check(t, err)
	cert, err := message.ParseCertificate(p.latest(t, toBank, api.PathOpen, "user_certificate"))
	check(t, err)
	m.Bind, err = message.Sign(p.Keys.Sign(t, cert.Key), m.X.Digest(wire.MsgAIDKey, th))
	check(t, err)
	q.Message3, err = message.SealWith(message.PublicKey(q.Message3[:wire.PointLen]), exporter,
		wire.MsgAIDKeys, th[:], message.Encode(wire.MsgAIDKeys, m))
	check(t, err)
	q.Evidence, err = message.SealEvidence(p.bankKEM(t), th.Next(q.Message3), p.evidence(t, raw))
	check(t, err)
	changed, err := json.Marshal(q)
	check(t, err)
	return changed
}

func (p *phone) bankKEM(t *testing.T) message.PublicKey {
	t.Helper()
	return message.PublicKey(p.Bank.KEMKey.PublicKey().Bytes())
}

// evidence is what stands sealed beside message 3.
func (p *phone) evidence(t *testing.T, raw []byte) []byte {
	t.Helper()
	var q api.AIDKeysRequest
	check(t, json.Unmarshal(raw, &q))
	evidence, err := message.OpenEvidence(p.Bank.KEMKey,
		message.Transcript(q.Run).Next(q.Message3), q.Evidence)
	check(t, err)
	return evidence
}

// TestRepair15: tracing has no procedure, and a bank certifies its own customers' keys (A 2.2, C
// registration): it makes a key, certifies it for alice, and alice has signed whatever it likes.
// Ours: the CA certifies PK_U after it has seen the user, and the element that made it has signed
// it.
func TestRepair15(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		bank, made := newPair(t), newPair(t)
		cert := bank.sign(t, fields{[]byte("alice"), made.public(t)}.encode(t)) // CERT_U^B
		payment := made.sign(t, []byte("999.00"))
		named := decodeFields(t, cert.body)
		if !cert.verify(bank.public(t)) || !payment.verify(named[1]) || string(named[0]) != "alice" {
			t.Error("the bank can't frame alice")
		}
	})
	p := newPhone(t, "alice")
	check(t, p.open(t))
	t.Run("ours", func(t *testing.T) {
		made := newPair(t)
		ca, caKey := p.Desk.CA()
		forged, err := message.IssueCertificate(p.Bank.SignKey, message.Certificate{
			Type: wire.CertUser, Issuer: ca, Subject: message.NewUserID("alice"),
			Key: message.PublicKey(made.public(t)), Expiry: 1 << 20,
		})
		check(t, err)
		if err := forged.Check(wire.CertUser, caKey, 0); !errors.Is(err, message.ErrSignature) {
			t.Errorf("a bank's certificate for a user's key: %v", err)
		}
		p.wantRefusedAtCounter(t, forged)
	})
	t.Run("ours, at the CA's desk", func(t *testing.T) {
		se, err := message.ParseCertificate(p.latest(t, toBank, api.PathOpen, "se_certificate"))
		check(t, err)
		made := newPair(t)
		ca, _ := p.Desk.CA()
		key := message.UserKey{
			CA: ca, User: message.NewUserID("alice"), SE: se.Key,
			Key: message.PublicKey(made.public(t)),
		}
		sig, err := message.Sign(made.PrivateKey, key.Digest())
		check(t, err)
		if _, err := p.Desk.CertifyUser(t.Context(), se, key, sig); err == nil {
			t.Error("the CA certifies a key that no element has made")
		}
	})
}

// wantRefusedAtCounter: a bank takes nobody with that certificate.
func (p *phone) wantRefusedAtCounter(t *testing.T, forged message.Certificate) {
	t.Helper()
	bob := p.another(t, "bob")
	bob.bank.Change = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathOpen {
			return raw, nil
		}
		var q api.OpenRequest
		check(t, json.Unmarshal(raw, &q))
		q.UserCertificate = forged.Encode()
		return json.Marshal(q)
	}
	err := bob.open(t)
	if !errors.Is(err, &api.Problem{Code: api.CodeSignature}) || errors.Is(err, applet.ErrRefused) {
		t.Errorf("a forged certificate at the counter: %v", err)
	}
}
