package message_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// vectorBuilders names every vector and how it is made.
func vectorBuilders() map[string]func(*testing.T) fields {
	builders := map[string]func(*testing.T) fields{
		"transcript":       transcriptVector,
		"tid":              tidVector,
		"hpke-aid-grant":   func(t *testing.T) fields { return hpkeVector(t, wire.MsgAIDGrant) },
		"hpke-tid-reply":   func(t *testing.T) fields { return hpkeVector(t, wire.MsgTIDReply) },
		"hpke-aid-request": func(t *testing.T) fields { return hpkeVector(t, wire.MsgAIDRequest) },
		"open-account":     openAccountVector,
		"shared-key":       sharedKeyVector,
		"host-auth":        hostAuthVector,
		"certificate":      certificateVector,
		"user-key":         userKeyVector,
		"account-keys":     accountKeysVector,
		"aid-grant":        aidGrantVector,
		"vcard":            vcardVector,
		"tap":              tapVector,
		"aid-close":        aidCloseVector,
		"tid-close":        tidCloseVector,
		"token":            tokenVector,
		"token-chain":      tokenChainVector,
	}
	for name, c := range map[string][2]int{ // length, counter
		"empty": {0, 0}, "one-byte-short": {15, 1}, "one-block": {16, 0x01020304},
		"aid-reply": {135, 0}, "last-counter": {31, 0xFFFFFFFE},
	} {
		builders["seal-"+name] = func(*testing.T) fields { return sealVector(c[0], uint32(c[1])) }
	}
	for _, n := range []int{0, 16, 40, 64} {
		name := "cmac-rfc4493-" + string('0'+rune(n/10)) + string('0'+rune(n%10))
		builders[name] = func(t *testing.T) fields { return cmacVector(t, n) }
	}
	return builders
}

func transcriptVector(*testing.T) fields {
	first, second := filled(0x10, 209), filled(0x20, 160)
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, party(bankName))
	next := th.Next(first)
	last := next.Next(second)
	return fields{
		"label": []byte(wire.Label), "phase": {2}, "initiator": {byte(wire.RoleUser)},
		"responder": {byte(wire.RoleBank)}, "responder_id": []byte(bankName), "th_0": th[:],
		"message_1": first, "th_1": next[:], "message_2": second, "th_2": last[:],
	}
}

func tidVector(t *testing.T) fields {
	sig, kem := public(t, "tid sign"), public(t, "tid kem")
	rho := message.Hash(filled(0x40, wire.HashLen))
	tid, commitment := message.NewTID(sig, kem), message.Commit(sig, kem, rho)
	return fields{
		"sign": sig[:], "kem": kem[:], "tid": tid[:], "rho": rho[:], "commitment": commitment[:],
	}
}

// hpkeVector holds both private keys, so that it serves sender and receiver.
func hpkeVector(t *testing.T, mt wire.MessageType) fields {
	recipient, ephemeral := kemKey(t, "hpke recipient"), kemKey(t, "hpke ephemeral")
	enc, to := ephemeral.PublicKey().Bytes(), recipient.PublicKey().Bytes()
	h := newByHand(t, agree(t, ephemeral, recipient.PublicKey()), enc, to, message.Prefix(mt))
	e, err := message.Decap(recipient, message.PublicKey(enc), mt)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := message.ExportKeys(e, mt)
	if err != nil {
		t.Fatal(err)
	}
	contextE, contextM := append(message.Prefix(mt), 'E'), append(message.Prefix(mt), 'M')
	raw := append(h.export(t, contextE, wire.KeyLen), h.export(t, contextM, wire.KeyLen)...)
	if string(raw) != string(keys.Reveal()) {
		t.Fatal("crypto/hpke and RFC 9180 by hand differ")
	}
	return fields{
		"info": message.Prefix(mt), "recipient_private": recipient.Bytes(),
		"recipient_public": to, "ephemeral_private": ephemeral.Bytes(), "enc": enc, "dh": h.dh,
		"shared_secret": h.sharedSecret, "exporter_secret": h.exporter,
		"context_enc": contextE, "enc_key": raw[:wire.KeyLen],
		"context_mac": contextM, "mac_key": raw[wire.KeyLen:],
	}
}

func openAccountVector(t *testing.T) fields {
	recipient, ephemeral := kemKey(t, "bank kem"), kemKey(t, "open account ephemeral")
	enc := message.PublicKey(ephemeral.PublicKey().Bytes())
	e, err := message.Decap(recipient, enc, wire.MsgOpenAccount)
	if err != nil {
		t.Fatal(err)
	}
	key, err := message.ExportSharedKey(e)
	if err != nil {
		t.Fatal(err)
	}
	return fields{
		"info": message.Prefix(wire.MsgOpenAccount), "bank_private": recipient.Bytes(),
		"bank_public": recipient.PublicKey().Bytes(), "ephemeral_private": ephemeral.Bytes(),
		"enc": enc[:], "context": append(message.Prefix(wire.MsgOpenAccount), 'K'),
		"shared_key": key.Reveal(),
	}
}

func sharedKeyVector(t *testing.T) fields {
	raw := filled(0x80, wire.SharedKeyLen)
	key, err := message.NewSharedKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	nonce, th := message.Nonce(filled(0x30, 16)), message.Transcript(filled(0xA0, 32))
	mac := key.RequestMAC(message.UserID([]byte(userName)), nonce)
	return fields{
		"shared_key": raw, "user": []byte(userName), "n_s": nonce[:], "request_mac": mac[:],
		"th_1": th[:], "reply_keys": key.ReplyKeys(th).Reveal(),
	}
}

func hostAuthVector(*testing.T) fields {
	key, challenge := filled(0x50, wire.KeyLen), message.Nonce(filled(0x60, wire.NonceLen))
	mac := message.HostAuthMAC([wire.KeyLen]byte(key), challenge)
	return fields{"pairing_key": key, "challenge": challenge[:], "mac": mac[:]}
}

func sealVector(n int, counter uint32) fields {
	enc, mac := filled(0x01, wire.KeyLen), filled(0x71, wire.KeyLen)
	keys, err := message.NewKeys(append(append([]byte{}, enc...), mac...))
	if err != nil {
		return nil
	}
	ad, plain := filled(0xB0, wire.HashLen), filled(0x00, n)
	return fields{
		"enc_key": enc, "mac_key": mac, "counter": binary.BigEndian.AppendUint32(nil, counter),
		"ad": ad, "plaintext": plain, "sealed": keys.Seal(counter, ad, plain),
	}
}

func certificateVector(t *testing.T) fields {
	c := message.Certificate{
		Type: wire.CertBankSign, Issuer: party(caName), Subject: message.PartySubject(party(bankName)),
		Key: public(t, "bank sign"), Expiry: 0x0B4C,
	}
	digest, issuer := c.Digest(), public(t, "ca")
	c.Signature = sign(t, "ca", digest)
	if err := c.Check(wire.CertBankSign, issuer, 0x0B4C); err != nil {
		t.Fatal(err)
	}
	return fields{"issuer_public": issuer[:], "digest": digest[:], "certificate": c.Encode()}
}

// signed returns the bytes whose hash is signed within a run: type || label || th || fields. A card
// signs bytes, not hashes.
func signed(mt wire.MessageType, th, encoded []byte) []byte {
	prefix := message.Prefix(mt)
	return append(append(prefix, th...), encoded[len(prefix):]...)
}

func userKeyVector(t *testing.T) fields {
	m := message.UserKey{
		CA: party(caName), User: message.UserID([]byte(userName)), SE: public(t, "se"),
		Key: public(t, "user"),
	}
	digest := m.Digest()
	sig := sign(t, "se", digest)
	th := message.NewTranscript(0, wire.RoleUser, wire.RoleCA, m.CA)
	bytes := signed(wire.MsgUserKey, th[:], message.Encode(wire.MsgUserKey, m))
	if sha256.Sum256(bytes) != digest {
		t.Fatal("user-key: what is signed isn't what the digest covers")
	}
	return fields{
		"th_0": th[:], "signed": bytes,
		"ca": m.CA[:], "user": m.User[:], "se_private": scalar("se"), "se_public": m.SE[:],
		"user_public": m.Key[:], "digest": digest[:], "signature": sig[:],
	}
}

func accountKeys(t *testing.T) message.AccountKeys {
	user := public(t, "user")
	return message.AccountKeys{
		Bank: party(bankName), User: sha256.Sum256(user[:]), SE: public(t, "se"),
		Account: message.AccountID(filled(0xC0, 16)), Sign: public(t, "aid sign"),
		KEM: public(t, "aid kem"), Nonce: message.Nonce(filled(0xD0, 16)), Limit: 50000, Expiry: 0xB4C,
	}
}

func accountKeysVector(t *testing.T) fields {
	x, th := accountKeys(t), message.Transcript(filled(0xA0, 32))
	out := fields{"th_2": th[:], "x": message.Encode(wire.MsgAIDPop, x)[1+len(wire.Label):]}
	for name, mt := range map[string]wire.MessageType{
		"digest_pop": wire.MsgAIDPop, "digest_key": wire.MsgAIDKey, "digest_bind": wire.MsgAIDBind,
	} {
		digest := x.Digest(mt, th)
		out[name] = digest[:]
	}
	return out
}

// aidGrantVector is a whole phase 2 message 4, with all that the SE holds when it comes.
func aidGrantVector(t *testing.T) fields {
	x, th := accountKeys(t), message.Transcript(filled(0xE0, 32))
	enc := public(t, "grant ephemeral")
	certified := message.AccountCertificate{
		Bank: x.Bank, Account: x.Account, Sign: x.Sign, KEM: x.KEM, Limit: x.Limit, Expiry: x.Expiry,
	}
	grant := message.AIDGrant{Account: x.Account, Expiry: x.Expiry, Limit: x.Limit}
	certDigest := certified.Digest()
	grant.Certificate = sign(t, "bank sign", certDigest)
	digest := grant.Digest(th, enc)
	grant.Signature = sign(t, "bank sign", digest)
	body := message.Encode(wire.MsgAIDGrant, grant)
	e, err := message.Decap(kemKey(t, "aid kem"), enc, wire.MsgAIDGrant)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := message.SealWith(enc, e, wire.MsgAIDGrant, th[:], body)
	if err != nil {
		t.Fatal(err)
	}
	out := fields{
		"bank": x.Bank[:], "sign": x.Sign[:], "kem_private": scalar("aid kem"), "kem": x.KEM[:],
		"th_3": th[:], "sealed": sealed, "body": body, "certificate_digest": certDigest[:],
		"digest":                  digest[:],
		"grant_ephemeral_private": scalar("grant ephemeral"),
	}
	bank := public(t, "bank sign")
	out["bank_public"] = bank[:]
	for name, mt := range map[string]wire.MessageType{
		"keys_to_bank": wire.KeyAIDToBank, "keys_to_se": wire.KeyAIDToSE,
	} {
		keys, err := message.ExportKeys(e, mt)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = keys.Reveal()
	}
	return out
}

var testPAN = [wire.PANLen]byte{0x99, 0x99, 0x99, 0x01, 0x23, 0x45, 0x67, 0x89, 0x01, 0x2F}

func vcardVector(t *testing.T) fields {
	card := message.VCard{PAN: testPAN, Key: public(t, "card"), Class: message.Class{
		Limit: [6]byte{0, 0, 0, 0, 0x50, 0}, Currency: [2]byte{0x09, 0x78}, Expiry: 0xB4C,
	}}
	digest, issuer := card.Digest(), public(t, "epoch")
	sig := sign(t, "epoch", digest)
	return fields{
		"signed":       message.Encode(wire.SigVCard, card),
		"epoch_public": issuer[:], "pan": card.PAN[:], "card_public": card.Key[:],
		"class":  message.Encode(wire.SigVCard, card.Class)[1+len(wire.Label):],
		"digest": digest[:], "signature": sig[:],
	}
}

func tapVector(t *testing.T) fields {
	tap := message.Tap{
		Amount: [6]byte{0, 0, 0, 0, 0x12, 0x50}, Currency: [2]byte{0x09, 0x78},
		Date: [3]byte{0x26, 0x11, 0x21}, UN: [4]byte{0xDE, 0xAD, 0xBE, 0xEF},
		Merchant: [15]byte([]byte("MERCHANT-000001")), ATC: [2]byte{0, 1},
		PAN: sha256.Sum256(testPAN[:]),
		Relay: message.Relay{
			Terminal: [4]byte{0x01, 0x02, 0x03, 0x04}, Card: [4]byte{0xA1, 0xA2, 0xA3, 0xA4},
			Times: message.CardRelayTimes(),
		},
	}
	relay := message.Encode(wire.SigTap, tap.Relay)[1+len(wire.Label):]
	digest, card := tap.Digest(), public(t, "card")
	sig := sign(t, "card", digest)
	return fields{
		"signed": message.Encode(wire.SigTap, tap), "amount": tap.Amount[:],
		"currency": tap.Currency[:], "date": tap.Date[:], "un": tap.UN[:],
		"merchant": tap.Merchant[:], "atc": tap.ATC[:], "pan": testPAN[:], "pan_hash": tap.PAN[:],
		"relay":  relay,
		"digest": digest[:], "card_private": scalar("card"), "card_public": card[:],
		"signature": sig[:],
	}
}

// cmacVector holds the four examples of RFC 4493, clause 4, as printed there.
func cmacVector(t *testing.T, n int) fields {
	key := unhex(t, "2b7e151628aed2a6abf7158809cf4f3c")
	msg := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"+
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	mac := map[int]string{
		0: "bb1d6929e95937287fa37d129b756746", 16: "070a16b46b4d4144f79bdd9dd04a287c",
		40: "dfa66747de9ae63030ca32611497c827", 64: "51f0bebf7e3b9d92fc49741779363cfe",
	}[n]
	got := message.CMAC([wire.KeyLen]byte(key), msg[:n])
	if want := unhex(t, mac); string(got[:]) != string(want) {
		t.Errorf("CMAC of %d bytes: got %x, want %x", n, got, want)
	}
	return fields{"key": key, "message": msg[:n], "mac": unhex(t, mac)}
}
