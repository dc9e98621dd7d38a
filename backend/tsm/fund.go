package tsm

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
// both messages are written down before they are sent; the bank answers the same pair of messages
// with the same AUTH; a handle is booked once. A refusal by the bank ends the run. A bank that
// doesn't answer is asked again: by the wallet, which repeats the request until it has an answer,
// and by [TSM.Sweep].
func (t *TSM) Fund(ctx context.Context, q api.TIDFundRequest) (api.TIDFundResponse, error) {
	if len(q.Run) != wire.NonceLen || len(q.BINFO) != message.BINFOLen {
		return api.TIDFundResponse{}, api.Refuse(api.CodeMalformed, "run or BINFO has another length")
	}
	tsmbinfo, err := t.prepare(ctx, q)
	if err != nil {
		return api.TIDFundResponse{}, err
	}
	return t.ask(ctx, q, tsmbinfo)
}

// ask sends the pair of messages to the bank and books what it says, or writes down that it has
// refused.
func (t *TSM) ask(
	ctx context.Context, q api.TIDFundRequest, tsmbinfo message.TSMBINFO,
) (api.TIDFundResponse, error) {
	bank, ok := t.Banks[tsmbinfo.Funding.Bank]
	if !ok {
		return api.TIDFundResponse{}, api.Refuse(api.CodeUnavailable,
			"the TSM doesn't work with this bank at present")
	}
	var answer api.FundResponse
	err := bank.Caller.Post(ctx, api.PathFund, api.FundRequest{
		BINFO: q.BINFO, TSMBINFO: message.Encode(wire.MsgTSMBINFO, tsmbinfo),
	}, &answer)
	if err != nil {
		return api.TIDFundResponse{}, t.refuse(ctx, message.Nonce(q.Run), bankFailed(err))
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

// refuse ends a run that the bank has refused for good, and returns the refusal. A bank that
// answers otherwise, or not at all, ends nothing.
func (t *TSM) refuse(ctx context.Context, id message.Nonce, refusal error) error {
	problem := new(api.Problem)
	if !errors.As(refusal, &problem) || !problem.Final() {
		return refusal
	}
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		r, err := getRun(ctx, tx, id, StateFunding, StateRefused, StateActive)
		if err != nil || r.state != StateFunding {
			return err // another call of the same request has come first
		}
		if r.refusal, err = json.Marshal(problem); err != nil {
			return fmt.Errorf("keeping the bank's refusal: %w", err)
		}
		if err := r.move(StateRefused); err != nil {
			return err
		}
		return saveRun(ctx, tx, r)
	})
	if err != nil {
		return err
	}
	return problem
}

// prepare checks TSMINFO and writes both messages down, or finds those that were written for the
// same request.
func (t *TSM) prepare(ctx context.Context, q api.TIDFundRequest) (message.TSMBINFO, error) {
	var out message.TSMBINFO
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), StateRegistered, StateFunding, StateRefused,
			StateActive, StateClosed, StateReturning, StateReturned)
		if err != nil {
			return err
		}
		if r.state != StateRegistered {
			out, err = r.prepared(q)
			return err
		}
		info, body, err := t.openInfo(&r, q)
		if err != nil {
			return err
		}
		if err := t.checkTerms(info); err != nil {
			return err
		}
		if out, err = t.tsmbinfo(r, info); err != nil {
			return err
		}
		r.th = r.th.Next(q.TSMINFO)
		r.tsmbinfo, r.info = message.Encode(wire.MsgTSMBINFO, out), body
		r.binfo, r.tsminfo, r.request = q.BINFO, q.TSMINFO, fundingSum(q)
		if err := r.move(StateFunding); err != nil {
			return err
		}
		return saveRun(ctx, tx, r)
	})
	return out, err
}

// fundingSum tells one request for funding from another.
func fundingSum(q api.TIDFundRequest) message.Hash {
	return sha256.Sum256(append(append([]byte(nil), q.BINFO...), q.TSMINFO...))
}

// prepared returns what was written down for the same request, or the refusal that it has got.
func (r *run) prepared(q api.TIDFundRequest) (message.TSMBINFO, error) {
	if r.request != fundingSum(q) {
		return message.TSMBINFO{}, api.Refuse(api.CodeState, "this run has another funding under way")
	}
	if r.state == StateRefused {
		problem := new(api.Problem)
		if err := json.Unmarshal(r.refusal, problem); err != nil {
			return message.TSMBINFO{}, fmt.Errorf("reading the bank's refusal: %w", err)
		}
		return message.TSMBINFO{}, problem
	}
	return message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, r.tsmbinfo)
}

// checkTerms wants a published limit, so that no limit tells one account from another, and a term
// that isn't over.
func (t *TSM) checkTerms(info message.TSMINFO) error {
	if !slices.ContainsFunc(t.Limits, func(a money.Amount) bool {
		return a.Uint64() == uint64(info.Limit)
	}) {
		return api.Refuse(api.CodeLimit, "the limit isn't one of those that the TSM has published")
	}
	if info.Expiry < t.epoch() || info.Expiry > t.epoch()+MaxEpochs {
		return api.Refuse(api.CodeExpired, "the expiry isn't within %d epochs", MaxEpochs)
	}
	return nil
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
	// A bank that has refused and then says AUTH has moved the limit: better late than lost.
	r, err := getRun(ctx, tx, message.Nonce(q.Run), StateFunding, StateRefused)
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
	r.handle, r.expiry, r.auth = auth.Handle, auth.Expiry, message.Encode(wire.MsgAuth, auth)
	if err := r.move(StateActive); err != nil {
		return api.TIDFundResponse{}, err
	}
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
