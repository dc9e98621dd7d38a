package bank

import (
	"context"
	"crypto/sha256"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/service"
	"tapbench/backend/store"
	"tapbench/tpm/quote"
)

// Nonce gives the TSM a nonce and a session for one registration.
func (b *Bank) Nonce(
	ctx context.Context, tsm message.PartyID, _ api.NonceRequest,
) (api.NonceResponse, error) {
	if _, err := b.tsmKey(tsm); err != nil {
		return api.NonceResponse{}, err
	}
	n := nonce{tsm: tsm, expires: b.Now().Add(NonceLifetime)}
	if err := fresh(n.nonce[:], n.session[:]); err != nil {
		return api.NonceResponse{}, err
	}
	err := b.DB.Tx(ctx, func(tx store.Tx) error { return putNonce(ctx, tx, n) })
	return api.NonceResponse{Nonce: n.nonce[:], Session: n.session[:]}, err
}

// Fund compares BINFO and TSMBINFO and, in one transaction, moves L from the user's account into
// the TSM's escrow and answers AUTH with a fresh handle. It refuses, with nothing moved: a seal,
// signature or certificate that is wrong, fields that differ, a nonce that is unknown, used,
// expired or another TSM's, evidence that is refused, and an L that the account doesn't cover.
func (b *Bank) Fund(
	ctx context.Context, tsm message.PartyID, q api.FundRequest,
) (api.FundResponse, error) {
	f, err := b.openFunding(tsm, q)
	if err != nil {
		return api.FundResponse{}, err
	}
	return service.Repeat(ctx, b.DB, api.PathFund, q, func(tx store.Tx) (api.FundResponse, error) {
		if err := b.useNonce(ctx, tx, tsm, f.inner.Funding); err != nil {
			return api.FundResponse{}, err
		}
		a, err := getAccount(ctx, tx, f.inner.Account)
		if err != nil {
			return api.FundResponse{}, err
		}
		if err := b.checkFunding(ctx, tx, f, a); err != nil {
			return api.FundResponse{}, err
		}
		auth, err := b.reserve(ctx, tx, tsm, f, a)
		return api.FundResponse{Auth: auth}, err
	})
}

// funding is an opened pair of BINFO and TSMBINFO, compared.
type funding struct {
	inner    message.BINFO
	body     []byte // inner's plaintext, kept as evidence
	evidence []byte
	tsmbinfo message.TSMBINFO
}

// openFunding opens both messages, checks the TSM's signature and compares them field by field.
func (b *Bank) openFunding(tsm message.PartyID, q api.FundRequest) (funding, error) {
	key, err := b.tsmKey(tsm)
	if err != nil {
		return funding{}, err
	}
	var f funding
	f.tsmbinfo, err = message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, q.TSMBINFO)
	if err != nil {
		return funding{}, api.Refuse(api.CodeMalformed, "TSMBINFO: %v", err)
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, b.ID)
	if err := message.Verify(key, f.tsmbinfo.Digest(th), f.tsmbinfo.Signature); err != nil {
		return funding{}, refused("TSMBINFO", err)
	}
	inner, evidence, err := message.OpenBINFO(b.KEMKey, q.BINFO)
	if err != nil {
		return funding{}, refused("BINFO", err)
	}
	f.evidence = evidence
	user := b.transcript(3)
	if f.body, _, err = message.OpenFrom(b.KEMKey, wire.MsgBINFO, user[:], inner); err != nil {
		return funding{}, refused("BINFO", err)
	}
	if f.inner, err = message.Decode[message.BINFO](wire.MsgBINFO, f.body); err != nil {
		return funding{}, refused("BINFO", err)
	}
	switch {
	case f.tsmbinfo.BINFO != sha256.Sum256(q.BINFO):
		return funding{}, api.Refuse(api.CodeMismatch, "TSMBINFO names another BINFO")
	case f.inner.Funding != f.tsmbinfo.Funding:
		return funding{}, api.Refuse(api.CodeMismatch, "BINFO and TSMBINFO differ")
	case f.inner.Funding.Bank != b.ID, f.inner.Funding.TSM != tsm:
		return funding{}, api.Refuse(api.CodeMismatch, "BINFO names another bank or TSM")
	case f.inner.Evidence != sha256.Sum256(evidence):
		return funding{}, api.Refuse(api.CodeMismatch, "BINFO names other evidence")
	}
	return f, nil
}

// useNonce ties the nonce to this TSM and session and uses it up.
func (b *Bank) useNonce(
	ctx context.Context, tx store.Tx, tsm message.PartyID, f message.Funding,
) error {
	n, err := takeNonce(ctx, tx, f.NonceBank)
	if err != nil {
		return err
	}
	if n.tsm != tsm || n.session != f.Session {
		return api.Refuse(api.CodeMismatch, "the nonce belongs to another session")
	}
	return wants(n.state(b.Now()), NonceGiven, map[State]string{
		NonceExpired: "the nonce has expired, register anew",
	})
}

// checkFunding checks the account's certificate, signature, evidence and term.
func (b *Bank) checkFunding(ctx context.Context, tx store.Tx, f funding, a account) error {
	if f.inner.Certificate != a.signature {
		return refused("CERT_AID^B", message.ErrCertificate)
	}
	th := b.transcript(3)
	err := message.Verify(a.certificate.Sign, f.inner.Digest(th), f.inner.Signature)
	if err != nil {
		return refused("BINFO", err)
	}
	err = wants(a.state(b.epoch()), AccountGranted, map[State]string{
		AccountClosed: "the bank account ID is closed", AccountExpired: "the account has expired",
	})
	if err != nil {
		return err
	}
	if term := f.inner.Funding.Expiry; term > a.certificate.Expiry || term < b.epoch() {
		return api.Refuse(api.CodeExpired, "the term asked for isn't within the account's")
	}
	row, err := b.openUser(ctx, tx, a.user)
	if err != nil {
		return err
	}
	clock, err := b.judge(f.evidence, quote.PurposeBINFO, f.inner.Funding.NonceBank,
		f.inner.Funding.Session, row, a.certificate.Sign)
	if err != nil {
		return err
	}
	return saveClock(ctx, tx, row.id, clock)
}

// reserve moves L into the escrow and makes AUTH.
func (b *Bank) reserve(
	ctx context.Context, tx store.Tx, tsm message.PartyID, f funding, a account,
) ([]byte, error) {
	want := f.inner.Funding
	if !b.published(uint64(want.Limit)) {
		return nil, api.Refuse(api.CodeLimit, "the limit isn't a published one")
	}
	amount, err := b.amount(want.Limit)
	if err != nil {
		return nil, err
	}
	if want.Limit > a.certificate.Limit-a.used {
		return nil, api.Refuse(api.CodeLimit, "the account's limit doesn't cover this")
	}
	auth := message.Auth{
		Session: want.Session, Commitment: want.Commitment, Limit: want.Limit,
		Expiry: want.Expiry, OK: message.AuthOK, TSMBINFO: f.tsmbinfo.Sum(),
	}
	if err := fresh(auth.Handle[:]); err != nil {
		return nil, err
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, b.ID)
	if auth.Signature, err = b.sign(auth.Digest(th)); err != nil {
		return nil, err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("fund"), auth.Handle[:]),
		Debit: customer(a.user), Credit: escrow(tsm), Amount: amount, Reason: "fund",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return nil, api.Refuse(api.CodeLimit, "the balance doesn't cover this")
	}
	if err != nil {
		return nil, err
	}
	err = putFunding(ctx, tx, fundingRow{
		handle: auth.Handle, account: a.id, limit: want.Limit, expiry: want.Expiry, tsm: tsm,
		binfo: f.body, tsmbinfo: message.Encode(wire.MsgTSMBINFO, f.tsmbinfo),
	})
	return message.Encode(wire.MsgAuth, auth), err
}
