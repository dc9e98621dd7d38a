package conformance

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// keyPair is a party's key pair, for signing or for its KEM.
type keyPair struct {
	private *ecdsa.PrivateKey
	public  message.PublicKey
}

func newPair(t TB) keyPair {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := message.NewPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{private, public}
}

func (k keyPair) kem(t TB) *ecdh.PrivateKey {
	t.Helper()
	key, err := k.private.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (k keyPair) sign(t TB, digest message.Hash) message.Signature {
	t.Helper()
	sig, err := message.Sign(k.private, digest)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// server is a bank or a TSM.
type server struct {
	id        message.PartyID
	sign, kem keyPair
	certs     []byte // for signing, then for the KEM
}

// parties are all that a secure element deals with, made anew for each test.
type parties struct {
	caID      message.PartyID
	ca        keyPair
	pairing   [wire.KeyLen]byte
	user      message.UserID
	bank, tsm server
	epoch     keyPair
	epochCert message.Certificate
}

const certificateExpiry = 3000

func newParties(t TB) *parties {
	t.Helper()
	p := &parties{caID: message.PartyID([]byte("TEST-CA ")), ca: newPair(t)}
	p.user = message.UserID([]byte("user 1          "))
	fill(t, p.pairing[:])
	p.bank = p.server(t, "BANK-T  ", wire.CertBankSign, wire.CertBankKEM)
	p.tsm = p.server(t, "TSM-T   ", wire.CertTSMSign, wire.CertTSMKEM)
	p.epoch = newPair(t)
	p.epochCert = p.certificate(t, wire.CertTSMEpoch, message.PartySubject(p.tsm.id), p.epoch.public)
	return p
}

func (p *parties) server(t TB, id string, sign, kem wire.MessageType) server {
	t.Helper()
	s := server{id: message.PartyID([]byte(id)), sign: newPair(t), kem: newPair(t)}
	subject := message.PartySubject(s.id)
	s.certs = concat(p.certificate(t, sign, subject, s.sign.public).Encode(),
		p.certificate(t, kem, subject, s.kem.public).Encode())
	return s
}

// certificate has the CA certify a key.
func (p *parties) certificate(
	t TB, mt wire.MessageType, subject message.UserID, key message.PublicKey,
) message.Certificate {
	t.Helper()
	return p.issue(t, message.Certificate{
		Type: mt, Issuer: p.caID, Subject: subject, Key: key, Expiry: certificateExpiry,
	})
}

// issue has the CA sign whatever a certificate says.
func (p *parties) issue(t TB, c message.Certificate) message.Certificate {
	t.Helper()
	c, err := message.IssueCertificate(p.ca.private, c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fill(t TB, p []byte) {
	t.Helper()
	if _, err := rand.Read(p); err != nil {
		t.Fatal(err)
	}
}

func concat(parts ...[]byte) []byte {
	var out []byte
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}
