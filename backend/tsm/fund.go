package tsm

import (
	"context"
	"crypto/sha256"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/service"
	"tapbench/backend/store"
)

// Fund carries BINFO to the bank with the TSM's own word beside it, TSMBINFO, and books the credit
// that AUTH confirms. It has three steps, so that a death between any two of them loses nothing:
// TSMBINFO is written down before it is sent; the bank answers the same pair of messages with the
// same AUTH; a handle is booked once. The wallet repeats the request until it has an answer.
func (t *TSM) Fund(ctx context.Context, q api.TIDFundRequest) (api.TIDFundResponse, error) {
	if len(q.Run) != wire.NonceLen || len(q.BINFO) != message.BINFOLen {
		return api.TIDFundResponse{}, api.Refuse(api.CodeMalformed, "run or BINFO has another length")
	}
	tsmbinfo, err := t.prepare(ctx, q)
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	bank := t.Banks[tsmbinfo.Funding.Bank]
	var answer api.FundResponse
	err = bank.Caller.Post(ctx, api.PathFund, api.FundRequest{
		BINFO: q.BINFO, TSMBINFO: message.Encode(wire.MsgTSMBINFO, tsmbinfo),
	}, &answer)
	if err != nil {
		return api.TIDFundResponse{}, bankFailed(err)
	}
	auth, err := t.checkAuth(answer.Auth, tsmbinfo, bank.Key)
	if err != nil {
		// The bank may have moved the limit. Whatever it said, the request must come again.
		return api.TIDFundResponse{}, api.Refuse(api.CodeUnavailable,
			"the bank's answer can't be used, try again: %v", err)
	}
	f := func(tx store.Tx) (api.TIDFundResponse, error) { return t.book(ctx, tx, q, auth) }
	return service.Repeat(ctx, t.DB, api.PathTIDFund, q, f)
}

// prepare checks TSMINFO and writes TSMBINFO down, or finds the one that was written for the same
// request.
func (t *TSM) prepare(ctx context.Context, q api.TIDFundRequest) (message.TSMBINFO, error) {
	var out message.TSMBINFO
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), stateRegistered, stateFunding, stateActive)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(append(append([]byte(nil), q.BINFO...), q.TSMINFO...))
		if r.state != stateRegistered {
			if r.request != sum {
				return api.Refuse(api.CodeState, "this run has another funding under way")
			}
			out, err = message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, r.tsmbinfo)
			return err
		}
		info, body, err := t.openInfo(&r, q)
		if err != nil {
			return err
		}
		if out, err = t.tsmbinfo(r, info); err != nil {
			return err
		}
		r.th = r.th.Next(q.TSMINFO)
		r.tsmbinfo, r.info = message.Encode(wire.MsgTSMBINFO, out), body
		r.request, r.state = sum, stateFunding
		return saveRun(ctx, tx, r)
	})
	return out, err
}

// openInfo opens TSMINFO and checks its signature, its bank and the hash of BINFO.
func (t *TSM) openInfo(r *run, q api.TIDFundRequest) (message.TSMINFO, []byte, error) {
	counter, body, err := r.toTSM.OpenCounted(r.next, r.th[:], q.TSMINFO)
	if err != nil {
		return message.TSMINFO{}, nil, refused("TSMINFO", err)
	}
	r.next = counter + 1
	m, err := message.Decode[message.TSMINFO](wire.MsgTSMINFO, body)
	if err != nil {
		return message.TSMINFO{}, nil, refused("TSMINFO", err)
	}
	digest := m.Digest(r.th, r.session, t.ID, r.nonceBank, r.nonceTSM)
	if err := message.Verify(r.sign, digest, m.Signature); err != nil {
		return message.TSMINFO{}, nil, refused("TSMINFO", err)
	}
	if m.Bank != r.bank || m.BINFO != sha256.Sum256(q.BINFO) {
		return message.TSMINFO{}, nil, api.Refuse(api.CodeMismatch,
			"TSMINFO names another bank or BINFO")
	}
	return m, body, nil
}

func (t *TSM) tsmbinfo(r run, info message.TSMINFO) (message.TSMBINFO, error) {
	m := message.TSMBINFO{
		Funding: message.Funding{
			Session: r.session, TSM: t.ID, Bank: r.bank, NonceBank: r.nonceBank,
			NonceSE: info.NonceSE, Commitment: message.Commit(r.sign, r.kem, info.Rho),
			Limit: info.Limit, Expiry: info.Expiry,
		},
		NonceTSM: r.nonceTSM, BINFO: info.BINFO,
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, r.bank)
	var err error
	m.Signature, err = t.sign(m.Digest(th))
	return m, err
}

// checkAuth checks that AUTH is the bank's answer to this TSMBINFO.
func (t *TSM) checkAuth(raw []byte, sent message.TSMBINFO, key message.PublicKey) (
	message.Auth, error,
) {
	auth, err := message.Decode[message.Auth](wire.MsgAuth, raw)
	if err != nil {
		return auth, refused("AUTH", err)
	}
	th := message.NewTranscript(3, wire.RoleTSM, wire.RoleBank, sent.Funding.Bank)
	if err := message.Verify(key, auth.Digest(th), auth.Signature); err != nil {
		return auth, refused("AUTH", err)
	}
	f := sent.Funding
	if auth.Session != f.Session || auth.Commitment != f.Commitment || auth.Limit != f.Limit ||
		auth.Expiry != f.Expiry || auth.OK != message.AuthOK || auth.TSMBINFO != sent.Sum() {
		return auth, api.Refuse(api.CodeMismatch, "AUTH answers another request")
	}
	return auth, nil
}

// book activates the account: the claim on the bank's escrow against what is owed to its holder.
func (t *TSM) book(
	ctx context.Context, tx store.Tx, q api.TIDFundRequest, auth message.Auth,
) (api.TIDFundResponse, error) {
	r, err := getRun(ctx, tx, message.Nonce(q.Run), stateFunding)
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	amount, err := money.FromUint64(uint64(auth.Limit), t.currency())
	if err != nil {
		return api.TIDFundResponse{}, api.Refuse(api.CodeLimit, "AUTH's limit is out of range")
	}
	err = ledger.Open(ctx, tx, ledger.Account{
		ID: prepaid(r.tid), Kind: ledger.Liability, Currency: t.currency(),
	})
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("fund"), auth.Handle[:]),
		Debit: escrow(r.bank), Credit: prepaid(r.tid), Amount: amount, Reason: "fund",
	})
	if errors.Is(err, ledger.ErrIDReused) {
		return api.TIDFundResponse{}, api.Refuse(api.CodeUnavailable,
			"the bank's answer can't be used, try again: its handle was booked before")
	}
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	sealed, err := t.status(&r, auth)
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	r.handle, r.expiry, r.state = auth.Handle, auth.Expiry, stateActive
	r.auth = message.Encode(wire.MsgAuth, auth)
	return api.TIDFundResponse{Message6: sealed}, saveRun(ctx, tx, r)
}

// status makes message 6.
func (t *TSM) status(r *run, auth message.Auth) ([]byte, error) {
	m := message.TIDStatus{
		Handle: auth.Handle, AuthSignature: auth.Signature, TSMBINFO: auth.TSMBINFO,
		Status: message.TIDStatusOK, Expiry: auth.Expiry, Limit: auth.Limit,
	}
	var err error
	if m.Signature, err = t.sign(m.Digest(r.th)); err != nil {
		return nil, err
	}
	sealed := r.toSE.SealCounted(r.sent, r.th[:], message.Encode(wire.MsgTIDStatus, m))
	r.sent++
	return sealed, nil
}
