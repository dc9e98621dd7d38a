package bank

import (
	"context"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/service"
	"tapbench/backend/store"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
)

// PhoneNonce gives a user's phone the nonce of its next evidence.
func (b *Bank) PhoneNonce(
	ctx context.Context, q api.PhoneNonceRequest,
) (api.PhoneNonceResponse, error) {
	purposes := map[string]quote.Purpose{
		api.PurposeDownload: quote.PurposeDownload, api.PurposeLaunch: quote.PurposeLaunch,
	}
	purpose, ok := purposes[q.Purpose]
	if !ok {
		return api.PhoneNonceResponse{}, api.Refuse(api.CodeMalformed, "no purpose %.40q", q.Purpose)
	}
	n := phoneNonce{purpose: purpose, expires: b.Now().Add(NonceLifetime)}
	if err := fresh(n.nonce[:]); err != nil {
		return api.PhoneNonceResponse{}, err
	}
	err := b.DB.Tx(ctx, func(tx store.Tx) error {
		row, err := b.phoneOf(ctx, tx, q.UserCertificate)
		if err != nil {
			return err
		}
		n.user = row.id
		return putPhoneNonce(ctx, tx, n, b.Now())
	})
	return api.PhoneNonceResponse{Nonce: n.nonce[:]}, err
}

// phoneOf returns the user of a certificate, whose account is open.
func (b *Bank) phoneOf(ctx context.Context, tx store.Tx, certificate []byte) (user, error) {
	cert, err := b.certificate(certificate, wire.CertUser)
	if err != nil {
		return user{}, err
	}
	return b.openUser(ctx, tx, cert.Subject)
}

// phone is a user's phone that has proved itself.
type phone struct {
	row       user
	se, ak    message.PublicKey
	challenge message.Nonce   // its element's
	entries   []measure.Entry // what it has started
}

// shows reports whether a program is among what the phone has started.
func (p phone) shows(program message.Hash) bool {
	return slices.ContainsFunc(p.entries, func(e measure.Entry) bool { return e.Digest == program })
}

// prove judges the evidence of a user's phone and uses up the nonce. The quote names the element's
// challenge where others name a session, so that it serves for this challenge only.
func (b *Bank) prove(
	ctx context.Context, tx store.Tx, purpose quote.Purpose,
	certificate, nonce, challenge, evidence []byte,
) (phone, error) {
	if len(nonce) != wire.NonceLen || len(challenge) != wire.NonceLen {
		return phone{}, api.Refuse(api.CodeMalformed, "a nonce of another length")
	}
	row, err := b.phoneOf(ctx, tx, certificate)
	if err != nil {
		return phone{}, err
	}
	n, err := takePhoneNonce(ctx, tx, message.Nonce(nonce))
	if err != nil {
		return phone{}, err
	}
	if n.user != row.id || n.purpose != purpose {
		return phone{}, api.Refuse(api.CodeMismatch, "the nonce belongs to another request")
	}
	if !b.Now().Before(n.expires) {
		return phone{}, api.Refuse(api.CodeExpired, "the nonce has expired, ask anew")
	}
	verdict, err := b.verify(evidence, row, quote.Binding{
		Purpose: purpose, Nonce: nonce, SID: [16]byte(challenge),
	})
	if err != nil {
		return phone{}, err
	}
	if err := saveClock(ctx, tx, row.id, verdict.Clock); err != nil {
		return phone{}, err
	}
	p := phone{row: row, challenge: message.Nonce(challenge), entries: verdict.Entries}
	se, err := message.ParseCertificate(row.se)
	if err != nil {
		return phone{}, err
	}
	ak, err := quote.ParseAK(row.ak)
	p.se, p.ak = se.Key, ak.Point()
	return p, err
}

// Reference signs which program unlocks a user's element (phase 1, download): one that was
// released, that the phone has measured, and beside which nothing runs that wasn't.
func (b *Bank) Reference(
	ctx context.Context, q api.ReferenceRequest,
) (api.ReferenceResponse, error) {
	policies := map[string]wire.LaunchPolicy{
		api.PolicyLocal: wire.LaunchLocal, api.PolicyBank: wire.LaunchBank,
	}
	policy, ok := policies[q.Policy]
	software, err := message.NewSoftware(q.Software)
	if !ok || err != nil || len(q.Program) != wire.HashLen {
		return api.ReferenceResponse{}, api.Refuse(api.CodeMalformed,
			"no such policy, software id or digest")
	}
	program := message.Hash(q.Program)
	f := func(tx store.Tx) (api.ReferenceResponse, error) {
		p, err := b.prove(ctx, tx, quote.PurposeDownload, q.UserCertificate, q.Nonce, q.Challenge,
			q.Evidence)
		if err != nil {
			return api.ReferenceResponse{}, err
		}
		if q.Software != b.Software || !p.shows(program) {
			return api.ReferenceResponse{}, api.Refuse(api.CodeAttestation,
				"the evidence doesn't show this program: sha256 %x", program)
		}
		sig, err := b.sign(message.Reference{
			Bank: b.ID, SE: p.se, AK: p.ak, Nonce: p.challenge, Software: software,
			Program: program, Policy: policy,
		}.Digest())
		if err != nil {
			return api.ReferenceResponse{}, err
		}
		err = putReference(ctx, tx, reference{
			user: p.row.id, software: q.Software, program: program, policy: policy, signature: sig,
		})
		return api.ReferenceResponse{Signature: sig[:]}, err
	}
	return service.Repeat(ctx, b.DB, api.PathReference, q, f)
}

// Consent lets a user's element unlock once, where its policy is the bank's (phase 1, launch): the
// program of its reference was started, and nothing that wasn't released.
func (b *Bank) Consent(ctx context.Context, q api.ConsentRequest) (api.ConsentResponse, error) {
	f := func(tx store.Tx) (api.ConsentResponse, error) {
		p, err := b.prove(ctx, tx, quote.PurposeLaunch, q.UserCertificate, q.Nonce, q.Challenge,
			q.Evidence)
		if err != nil {
			return api.ConsentResponse{}, err
		}
		r, err := getReference(ctx, tx, p.row.id)
		if err != nil {
			return api.ConsentResponse{}, err
		}
		if r.policy != wire.LaunchBank {
			return api.ConsentResponse{}, api.Refuse(api.CodeState,
				"this element unlocks without the bank")
		}
		if !p.shows(r.program) {
			return api.ConsentResponse{}, api.Refuse(api.CodeAttestation,
				"the evidence doesn't show the installed program: sha256 %x", r.program)
		}
		software, err := message.NewSoftware(r.software)
		if err != nil {
			return api.ConsentResponse{}, err
		}
		sig, err := b.sign(message.LaunchConsent{
			Bank: b.ID, SE: p.se, AK: p.ak, Nonce: p.challenge, Software: software,
			Program: r.program,
		}.Digest())
		return api.ConsentResponse{Signature: sig[:]}, err
	}
	return service.Repeat(ctx, b.DB, api.PathConsent, q, f)
}
