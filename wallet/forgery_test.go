package wallet_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
)

// These forgeries are whole: somebody who has everything but one key, and makes all that it can
// make anew. TestRefusals damages one field at a time and would miss a check that two wrong fields
// satisfy together.

// forger makes what an element makes, with a key of its own.
type forger struct {
	*trial
	element *ecdsa.PrivateKey // in no element
	ca      *ecdsa.PrivateKey // of another CA
}

func newForger(t *testing.T) *forger {
	t.Helper()
	f := &forger{trial: newTrial(t), element: softwareKey(t), ca: softwareKey(t)}
	f.listen(f.user)
	return f
}

func softwareKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

// refuses gives the bank a forged request. It must refuse with the code, and nothing may change.
func (f *forger) refuses(t *testing.T, path string, request any, want api.Code) {
	t.Helper()
	before := f.Snapshot(t)
	raw, err := json.Marshal(request)
	check(t, err)
	_, err = f.bank.Call(context.WithoutCancel(t.Context()), path, raw)
	if !errors.Is(err, &api.Problem{Code: want}) {
		t.Errorf("got %v, want %s", err, want)
	}
	if diff := cmp.Diff(before, f.Snapshot(t)); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
}

// certificate returns a certificate that the other CA gave, under a name.
func (f *forger) certificate(t *testing.T, issuer message.PartyID, key message.PublicKey) []byte {
	t.Helper()
	genuine := f.user.certificate(t, atSECertificate)
	genuine.Issuer, genuine.Key = issuer, key
	c, err := message.IssueCertificate(f.ca, genuine)
	check(t, err)
	return c.Encode()
}

func signed(t *testing.T, key *ecdsa.PrivateKey, sum message.Hash) message.Signature {
	t.Helper()
	sig, err := message.Sign(key, sum)
	check(t, err)
	return sig
}

// TestForgedEnrolment opens accounts with an element that the CA doesn't know, and with what
// belongs to somebody else.
func TestForgedEnrolment(t *testing.T) {
	f := newForger(t)
	pass := f.bank.Change
	f.bank.Change = func(path string, raw []byte) ([]byte, error) {
		raw, err := pass(path, raw)
		if path == api.PathOpen && err == nil {
			f.enrolments(t, raw)
		}
		return raw, err
	}
	check(t, f.open(f.user, "alice")) // the genuine request is still taken
}

func (f *forger) enrolments(t *testing.T, raw []byte) {
	user, se := f.user.certificate(t, atUserCertificate), f.user.certificate(t, atSECertificate)
	stranger := message.PartyID{'O', 'T', 'H', 'E', 'R'}
	// software makes everything anew that the element signs, with a key that is in none.
	software := func(t *testing.T, q *api.OpenRequest) message.PublicKey {
		t.Helper()
		key := by(t, f.element)
		ak, err := quote.ParseAK(q.AKPublic)
		check(t, err)
		statement := message.UserKey{CA: user.Issuer, User: user.Subject, SE: key, Key: user.Key}
		sig := signed(t, f.element, statement.Digest())
		q.UserKey = sig[:]
		bind := message.AKBind{Bank: f.Bank.ID, SE: key, AK: ak.Point()}
		sig = signed(t, f.element,
			bind.Digest(message.AKBindTranscript(f.Bank.ID, message.PublicKey(q.Enc))))
		q.AKBind = sig[:]
		return key
	}
	for name, forge := range map[string]func(*testing.T, *api.OpenRequest){
		"another CA's certificate for the element": func(t *testing.T, q *api.OpenRequest) {
			q.SECertificate = f.certificate(t, stranger, se.Key)
		},
		"another CA's certificate under our CA's name": func(t *testing.T, q *api.OpenRequest) {
			q.SECertificate = f.certificate(t, se.Issuer, se.Key)
		},
		"a key in no element, certified by another CA": func(t *testing.T, q *api.OpenRequest) {
			q.SECertificate = f.certificate(t, se.Issuer, software(t, q))
		},
		"a key in no element, with the certificate of one": func(t *testing.T, q *api.OpenRequest) {
			software(t, q)
		},
		"another user's element": func(_ *testing.T, q *api.OpenRequest) {
			q.SECertificate = f.other.said[atSECertificate]
		},
		"another user's attestation key and its binding": func(_ *testing.T, q *api.OpenRequest) {
			q.AKPublic, q.Enc = f.other.said[atAKPublic], f.other.said[atEnc]
			q.AKBind = f.other.said[key(lineBank, api.PathOpen, "ak_bind")]
		},
		"another user's certificate and user-key": func(_ *testing.T, q *api.OpenRequest) {
			q.UserCertificate = f.other.said[atUserCertificate]
			q.UserKey = f.other.said[key(lineBank, api.PathOpen, "user_key")]
		},
	} {
		t.Run(name, func(t *testing.T) {
			var q api.OpenRequest
			check(t, json.Unmarshal(raw, &q))
			forge(t, &q)
			f.refuses(t, api.PathOpen, q, api.CodeSignature)
		})
	}
}

// accountForgery is message 3 of phase 2 before it is signed and sealed, and who signs it.
type accountForgery struct {
	x              message.AccountKeys
	certificate    []byte
	pop, key, bind *ecdsa.PrivateKey
	quoted         message.PublicKey // the account's key in the quote
	quotedSE       message.PublicKey
}

// TestForgedAccount brings keys for an account that no element of the user's has made.
func TestForgedAccount(t *testing.T) {
	f := newForger(t)
	accepted := false
	pass, hear := f.bank.Change, f.bank.Answer
	f.bank.Change = func(path string, raw []byte) ([]byte, error) {
		raw, err := pass(path, raw)
		if path != api.PathAIDKeys || err != nil {
			return raw, err
		}
		f.accounts(t)
		// What the forgeries change is the only thing that is wrong with them: with the element's
		// own signature the same key is taken.
		return json.Marshal(f.account(t, f.withSoftwareKey(t)))
	}
	f.bank.Answer = func(path string, raw []byte) ([]byte, error) {
		accepted = accepted || path == api.PathAIDKeys
		return hear(path, raw)
	}
	if err := f.open(f.user, "alice"); err == nil || !accepted {
		t.Errorf("got %v, accepted %v: want the bank to accept, and the element to refuse the grant "+
			"for a key that it doesn't have", err, accepted)
	}
}

// genuine returns what the element sent.
func (f *forger) genuine(t *testing.T) accountForgery {
	t.Helper()
	m := f.aidKeys(t)
	sk := func(public message.PublicKey) *ecdsa.PrivateKey { return f.Keys.Sign(t, public) }
	return accountForgery{
		x: m.X, certificate: m.Certificate[:], pop: sk(m.X.Sign), key: sk(m.X.SE),
		bind:   sk(f.user.certificate(t, atUserCertificate).Key),
		quoted: m.X.Sign, quotedSE: m.X.SE,
	}
}

// withSoftwareKey returns the same with another account key, and the element's signature for it,
// which no element gives.
func (f *forger) withSoftwareKey(t *testing.T) accountForgery {
	t.Helper()
	a := f.genuine(t)
	a.pop = softwareKey(t)
	a.x.Sign = by(t, a.pop)
	a.quoted = a.x.Sign
	return a
}

func (f *forger) accounts(t *testing.T) {
	bob := f.other.certificate(t, atUserCertificate)
	bobSE := f.other.certificate(t, atSECertificate)
	for name, row := range map[string]struct {
		want  api.Code
		forge func(*testing.T) accountForgery
	}{
		"a key in no element, signed by itself": {api.CodeSignature, func(t *testing.T) accountForgery {
			a := f.withSoftwareKey(t)
			a.key = a.pop
			return a
		}},
		"a key in no element, signed by the user": {api.CodeSignature, func(t *testing.T) accountForgery {
			a := f.withSoftwareKey(t)
			a.key = a.bind
			return a
		}},
		"a key in an element of another CA": {api.CodeMismatch, func(t *testing.T) accountForgery {
			a := f.withSoftwareKey(t)
			a.key, a.x.SE = f.element, by(t, f.element)
			a.quotedSE = a.x.SE
			a.certificate = f.certificate(t, f.user.certificate(t, atSECertificate).Issuer, a.x.SE)
			return a
		}},
		"the element with another CA's certificate": {api.CodeMismatch, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.certificate = f.certificate(t, f.user.certificate(t, atSECertificate).Issuer, a.x.SE)
			return a
		}},
		"a key in another user's element": {api.CodeMismatch, func(t *testing.T) accountForgery {
			a := f.withSoftwareKey(t)
			a.key, a.x.SE, a.quotedSE = f.other.Keys.Sign(t, bobSE.Key), bobSE.Key, bobSE.Key
			a.certificate = bobSE.Encode()
			return a
		}},
		"another user's binding": {api.CodeMismatch, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.x.User, a.bind = sha256.Sum256(bob.Key[:]), f.other.Keys.Sign(t, bob.Key)
			return a
		}},
		"a binding to this user by another": {api.CodeSignature, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.bind = f.other.Keys.Sign(t, bob.Key)
			return a
		}},
		"PK_AID swapped in the quote": {api.CodeAttestation, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.quoted = f.withSoftwareKey(t).quoted
			return a
		}},
		"PK_AID swapped but in the quote": {api.CodeAttestation, func(t *testing.T) accountForgery {
			a := f.withSoftwareKey(t)
			a.quoted = f.genuine(t).quoted
			return a
		}},
		"PK_AID of another user's account": {api.CodeAttestation, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.x.Sign = f.other.aidKeys(t).X.Sign
			a.pop = f.other.Keys.Sign(t, a.x.Sign)
			return a
		}},
		"a quote for another user's element": {api.CodeAttestation, func(t *testing.T) accountForgery {
			a := f.genuine(t)
			a.quotedSE = bobSE.Key
			return a
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f.refuses(t, api.PathAIDKeys, f.account(t, row.forge(t)), row.want)
		})
	}
}

// account signs, quotes and seals message 3.
func (f *forger) account(t *testing.T, a accountForgery) api.AIDKeysRequest {
	t.Helper()
	th := f.transcript2(2)
	plain, _ := openAIDReply(t, f.user, f.said[atAIDReply])
	offer := decoded[message.AIDReply](t, wire.MsgAIDReply, plain).Offer
	m := message.AIDKeys{
		X: a.x, Certificate: [wire.CertificateLen]byte(a.certificate),
		Pop:  signed(t, a.pop, a.x.Digest(wire.MsgAIDPop, th)),
		Key:  signed(t, a.key, a.x.Digest(wire.MsgAIDKey, th)),
		Bind: signed(t, a.bind, a.x.Digest(wire.MsgAIDBind, th)),
	}
	bank := kemOf(t, f.Bank.KEMKey)
	sealed, _, err := message.SealTo(bank, wire.MsgAIDKeys, th[:], message.Encode(wire.MsgAIDKeys, m))
	check(t, err)
	raw, err := f.Phone.Evidence(t.Context(), quote.Binding{
		Purpose: quote.PurposeAID, Nonce: offer.Nonce[:], SID: offer.Session,
		SoftwareID: f.Bank.Software, SE: a.quotedSE[:], AID: a.quoted[:],
	})
	check(t, err)
	evidence, err := message.SealEvidence(bank, th.Next(sealed), raw)
	check(t, err)
	return api.AIDKeysRequest{Run: th[:], Message3: sealed, Evidence: evidence}
}
