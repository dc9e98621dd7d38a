package conformance

import (
	"crypto/sha256"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// merchant is a merchant whom the CA has certified.
type merchant struct {
	id   [wire.MerchantLen]byte
	key  keyPair
	cert message.Certificate
}

// merchant certifies a merchant by its identifier, 15 characters.
func (p *parties) merchant(t TB, id string) merchant {
	t.Helper()
	m := merchant{id: [wire.MerchantLen]byte([]byte(id)), key: newPair(t)}
	m.cert = p.certificate(t, wire.CertMerchant, message.UserID([]byte(id+" ")), m.key.public)
	return m
}

// hash returns H(certificate).
func (m merchant) hash() message.Hash { return sha256.Sum256(m.cert.Encode()) }

// authData answers a card's challenge: the merchant signs what it was asked.
func (m merchant) authData(t TB, said message.MerchantAuth) emv.MerchantAuth {
	t.Helper()
	said.Certificate = m.hash()
	return emv.MerchantAuth{
		Time: said.Time, Certificate: m.cert, Signature: m.key.sign(t, said.Digest()),
	}
}

func authCommand(a emv.MerchantAuth) apdu.Command {
	return apdu.Command{INS: byte(wire.InsExternalAuthenticate), Data: a.Encode()}
}

// challengeOf returns the challenge in an answer to GET PROCESSING OPTIONS, or nil.
func challengeOf(t TB, answer apdu.Response) *message.Nonce {
	t.Helper()
	o, err := emv.ParseProcessingOptions(answer.Data)
	if err != nil {
		t.Fatalf("GET PROCESSING OPTIONS: %v", err)
	}
	return o.Challenge
}
