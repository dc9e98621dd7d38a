package bank

import (
	"context"
	"crypto/sha256"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/service"
	"tapbench/backend/store"
	"tapbench/tpm/quote"
)

// AIDRequest answers phase 2 message 1 with an offer: a fresh account ID, session and nonce. It
// opens the message with PK_B, finds the user, and checks CMAC(K_B,U) and SIG(SK_U, "aid-req").
func (b *Bank) AIDRequest(ctx context.Context, q api.AIDRequest) (api.AIDResponse, error) {
	th := b.transcript(2)
	body, _, err := message.OpenFrom(b.KEMKey, wire.MsgAIDRequest, th[:], q.Message1)
	if err != nil {
		return api.AIDResponse{}, refused("aid-req", err)
	}
	m, err := message.Decode[message.AIDRequest](wire.MsgAIDRequest, body)
	if err != nil {
		return api.AIDResponse{}, refused("aid-req", err)
	}
	if !b.published(q.LimitMinor) {
		return api.AIDResponse{}, api.Refuse(api.CodeLimit, "the limit isn't a published one")
	}
	f := func(tx store.Tx) (api.AIDResponse, error) {
		row, err := b.openUser(ctx, tx, m.User)
		if err != nil {
			return api.AIDResponse{}, err
		}
		if err := b.checkRequest(th, m, row); err != nil {
			return api.AIDResponse{}, err
		}
		return b.offer(ctx, tx, th.Next(q.Message1), row, q.LimitMinor)
	}
	// One offer per message 1: its keys and counter serve once.
	return service.RepeatMessage(ctx, b.DB, api.PathAID, q.Message1, q, f)
}

// openUser returns a user whose account is open.
func (b *Bank) openUser(ctx context.Context, tx store.Tx, id message.UserID) (user, error) {
	row, err := getUser(ctx, tx, id)
	if err != nil {
		return row, err
	}
	return row, wants(row.state(), UserOpen, map[State]string{
		UserPending: "the account isn't open: the phone wasn't activated",
	})
}

func (b *Bank) checkRequest(th message.Transcript, m message.AIDRequest, row user) error {
	kbu, err := message.NewSharedKey(row.kbu)
	if err != nil {
		return err
	}
	cert, err := message.ParseCertificate(row.cert)
	if err != nil {
		return err
	}
	if kbu.RequestMAC(m.User, m.Nonce) != m.MAC {
		return refused("aid-req", message.ErrSealed)
	}
	if err := message.Verify(cert.Key, m.Digest(th, b.ID), m.Signature); err != nil {
		return refused("aid-req", err)
	}
	return nil
}

// offer makes message 2 and keeps the run; th is th_1.
func (b *Bank) offer(
	ctx context.Context, tx store.Tx, th message.Transcript, row user, limit uint64,
) (api.AIDResponse, error) {
	m := message.AIDReply{Offer: message.AIDOffer{
		Limit: message.Limit(limit), Expiry: b.epoch() + AccountEpochs,
	}}
	o := &m.Offer
	if err := fresh(o.Session[:], o.Account[:], o.Nonce[:]); err != nil {
		return api.AIDResponse{}, err
	}
	var err error
	if m.Signature, err = b.sign(m.Digest(th)); err != nil {
		return api.AIDResponse{}, err
	}
	kbu, err := message.NewSharedKey(row.kbu)
	if err != nil {
		return api.AIDResponse{}, err
	}
	sealed := kbu.ReplyKeys(th).Seal(0, th[:], message.Encode(wire.MsgAIDReply, m))
	th = th.Next(sealed)
	err = putRun(ctx, tx, run{
		th: th, user: row.id, offer: m.Offer, expires: b.Now().Add(NonceLifetime),
	})
	return api.AIDResponse{Message2: sealed}, err
}

// AIDKeys answers phase 2 message 3 with the grant. It checks X against the offer, aid-pop,
// aid-key by the SE that was enrolled, aid-bind by PK_U, and the evidence.
func (b *Bank) AIDKeys(ctx context.Context, q api.AIDKeysRequest) (api.AIDKeysResponse, error) {
	if len(q.Run) != wire.HashLen {
		return api.AIDKeysResponse{}, api.Refuse(api.CodeMalformed, "run of %d bytes", len(q.Run))
	}
	th := message.Transcript(q.Run)
	body, _, err := message.OpenFrom(b.KEMKey, wire.MsgAIDKeys, th[:], q.Message3)
	if err != nil {
		return api.AIDKeysResponse{}, refused("aid-keys", err)
	}
	m, err := message.Decode[message.AIDKeys](wire.MsgAIDKeys, body)
	if err != nil {
		return api.AIDKeysResponse{}, refused("aid-keys", err)
	}
	evidence, err := message.OpenEvidence(b.KEMKey, th.Next(q.Message3), q.Evidence)
	if err != nil {
		return api.AIDKeysResponse{}, refused("evidence", err)
	}
	f := func(tx store.Tx) (api.AIDKeysResponse, error) {
		r, row, err := b.openRun(ctx, tx, th)
		if err != nil {
			return api.AIDKeysResponse{}, err
		}
		if err := b.checkKeys(th, m, r, row); err != nil {
			return api.AIDKeysResponse{}, err
		}
		clock, err := b.judge(evidence, quote.PurposeAID, r.offer.Nonce, r.offer.Session, row,
			m.X.Sign)
		if err != nil {
			return api.AIDKeysResponse{}, err
		}
		if err := saveClock(ctx, tx, row.id, clock); err != nil {
			return api.AIDKeysResponse{}, err
		}
		return b.grant(ctx, tx, th.Next(q.Message3), m, body, r)
	}
	return service.Repeat(ctx, b.DB, api.PathAIDKeys, q, f)
}

func (b *Bank) openRun(ctx context.Context, tx store.Tx, th message.Transcript) (run, user, error) {
	r, err := getRun(ctx, tx, th)
	if err != nil {
		return run{}, user{}, err
	}
	err = wants(r.state(b.Now()), OfferMade, map[State]string{
		OfferUsed: "this run is over", OfferExpired: "the offer has expired, ask anew",
	})
	if err != nil {
		return run{}, user{}, err
	}
	row, err := b.openUser(ctx, tx, r.user)
	return r, row, err
}

func (b *Bank) checkKeys(th message.Transcript, m message.AIDKeys, r run, row user) error {
	cert, err := message.ParseCertificate(row.cert)
	if err != nil {
		return err
	}
	se, err := message.ParseCertificate(row.se)
	if err != nil {
		return err
	}
	want := message.AccountKeys{
		Bank: b.ID, User: sha256.Sum256(cert.Key[:]), SE: se.Key, Account: r.offer.Account,
		Sign: m.X.Sign, KEM: m.X.KEM, Nonce: r.offer.Nonce, Limit: r.offer.Limit,
		Expiry: r.offer.Expiry,
	}
	if m.X != want {
		return api.Refuse(api.CodeMismatch, "X isn't what was offered, or another element's")
	}
	if string(m.Certificate[:]) != string(row.se) {
		return api.Refuse(api.CodeMismatch, "this isn't the element that was enrolled")
	}
	for _, check := range []struct {
		name string
		t    wire.MessageType
		key  message.PublicKey
		sig  message.Signature
	}{
		{"aid-pop", wire.MsgAIDPop, m.X.Sign, m.Pop},
		{"aid-key", wire.MsgAIDKey, se.Key, m.Key},
		{"aid-bind", wire.MsgAIDBind, cert.Key, m.Bind},
	} {
		if err := message.Verify(check.key, m.X.Digest(check.t, th), check.sig); err != nil {
			return refused(check.name, err)
		}
	}
	return nil
}

// grant makes message 4 and opens the account; th is th_3. body, message 3's plaintext, is kept as
// evidence.
func (b *Bank) grant(
	ctx context.Context, tx store.Tx, th message.Transcript, m message.AIDKeys, body []byte, r run,
) (api.AIDKeysResponse, error) {
	g := message.AIDGrant{Account: m.X.Account, Expiry: m.X.Expiry, Limit: m.X.Limit}
	cert := message.AccountCertificate{
		Bank: b.ID, Account: m.X.Account, Sign: m.X.Sign, KEM: m.X.KEM, Limit: m.X.Limit,
		Expiry: m.X.Expiry,
	}
	var err error
	if g.Certificate, err = b.sign(cert.Digest()); err != nil {
		return api.AIDKeysResponse{}, err
	}
	enc, exporter, err := message.Encap(m.X.KEM, wire.MsgAIDGrant)
	if err != nil {
		return api.AIDKeysResponse{}, refused("account key", err)
	}
	if g.Signature, err = b.sign(g.Digest(th, enc)); err != nil {
		return api.AIDKeysResponse{}, err
	}
	sealed, err := message.SealWith(enc, exporter, wire.MsgAIDGrant, th[:],
		message.Encode(wire.MsgAIDGrant, g))
	if err != nil {
		return api.AIDKeysResponse{}, err
	}
	keys, err := accountChannel(exporter)
	if err != nil {
		return api.AIDKeysResponse{}, err
	}
	err = putAccount(ctx, tx, account{
		id: m.X.Account, user: r.user, certificate: cert, signature: g.Certificate,
		evidence: body, th: r.th, channel: keys,
	})
	if err != nil {
		return api.AIDKeysResponse{}, err
	}
	return api.AIDKeysResponse{Message4: sealed}, endRun(ctx, tx, r.th)
}

// accountChannel exports K_AID,B, both directions.
func accountChannel(e message.Exporter) ([]byte, error) {
	toBank, err := message.ExportKeys(e, wire.KeyAIDToBank)
	if err != nil {
		return nil, fmt.Errorf("exporting K_AID,B: %w", err)
	}
	toSE, err := message.ExportKeys(e, wire.KeyAIDToSE)
	if err != nil {
		return nil, fmt.Errorf("exporting K_AID,B: %w", err)
	}
	return append(toBank.Reveal(), toSE.Reveal()...), nil
}
