package tsm

import (
	"context"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/service"
	"tapbench/backend/store"
)

// Hello starts a registration: the TSM fetches a nonce and a session from the bank, so that the
// user asks the bank for nothing at that time, and adds its own nonce.
func (t *TSM) Hello(ctx context.Context, q api.HelloRequest) (api.HelloResponse, error) {
	id := message.NewPartyID(q.Bank)
	bank, ok := t.Banks[id]
	if !ok {
		return api.HelloResponse{}, api.Refuse(api.CodeUnknown, "no bank of that name")
	}
	var n api.NonceResponse
	if err := bank.Caller.Post(ctx, api.PathNonce, api.NonceRequest{}, &n); err != nil {
		return api.HelloResponse{}, bankFailed(err)
	}
	if len(n.Nonce) != wire.NonceLen || len(n.Session) != wire.SessionIDLen {
		return api.HelloResponse{}, api.Refuse(api.CodeUnavailable, "the bank's answer is malformed")
	}
	r := run{
		bank: id, nonceBank: message.Nonce(n.Nonce), session: message.SessionID(n.Session),
		state: StateHello,
	}
	if err := fresh(r.id[:], r.nonceTSM[:]); err != nil {
		return api.HelloResponse{}, err
	}
	err := t.DB.Tx(ctx, func(tx store.Tx) error { return putRun(ctx, tx, r) })
	return api.HelloResponse{
		Run: r.id[:], NonceTSM: r.nonceTSM[:], NonceBank: r.nonceBank[:], Session: r.session[:],
	}, err
}

// bankFailed says why a bank didn't do what it was asked: its refusal passes, whatever else means
// that it is unavailable.
func bankFailed(err error) error {
	problem := new(api.Problem)
	if errors.As(err, &problem) {
		return problem
	}
	return api.Refuse(api.CodeUnavailable, "the bank doesn't answer; try again")
}

// Register answers phase 3 message 1: it opens it with PK_TSM, checks SIG(SK_TID, "tid-reg") and
// agrees K_TID,TSM by HPKE towards the account's KEM key.
func (t *TSM) Register(ctx context.Context, q api.RegisterRequest) (api.RegisterResponse, error) {
	if len(q.Run) != wire.NonceLen {
		return api.RegisterResponse{}, api.Refuse(api.CodeMalformed, "run of %d bytes", len(q.Run))
	}
	th := t.transcript(3)
	body, _, err := message.OpenFrom(t.KEMKey, wire.MsgTIDRegister, th[:], q.Message1)
	if err != nil {
		return api.RegisterResponse{}, refused("tid-reg", err)
	}
	m, err := message.Decode[message.TIDRegister](wire.MsgTIDRegister, body)
	if err != nil {
		return api.RegisterResponse{}, refused("tid-reg", err)
	}
	f := func(tx store.Tx) (api.RegisterResponse, error) {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), StateHello)
		if err != nil {
			return api.RegisterResponse{}, err
		}
		err = message.Verify(m.Sign, m.Digest(th, r.nonceTSM, t.ID), m.Signature)
		if err != nil {
			return api.RegisterResponse{}, refused("tid-reg", err)
		}
		r.sign, r.kem, r.tid = m.Sign, m.KEM, message.NewTID(m.Sign, m.KEM)
		r.register = body
		sealed, err := t.reply(&r, th.Next(q.Message1))
		if err != nil {
			return api.RegisterResponse{}, err
		}
		if err := r.move(StateRegistered); err != nil {
			return api.RegisterResponse{}, err
		}
		return api.RegisterResponse{Message2: sealed}, saveRun(ctx, tx, r)
	}
	return service.Repeat(ctx, t.DB, api.PathRegister, q, f)
}

// reply makes message 2 and the account's channel; th is th_1.
func (t *TSM) reply(r *run, th message.Transcript) ([]byte, error) {
	enc, exporter, err := message.Encap(r.kem, wire.MsgTIDReply)
	if err != nil {
		return nil, refused("account key", err)
	}
	fields := message.TIDReplyFields{
		Enc: enc, Session: r.session, TID: r.tid, Sign: r.sign, KEM: r.kem,
		NonceTSM: r.nonceTSM, NonceBank: r.nonceBank,
	}
	var m message.TIDReply
	if m.Signature, err = t.sign(fields.Digest(th)); err != nil {
		return nil, err
	}
	if r.toTSM, err = message.ExportKeys(exporter, wire.KeyTIDToTSM); err != nil {
		return nil, err
	}
	if r.toSE, err = message.ExportKeys(exporter, wire.KeyTIDToSE); err != nil {
		return nil, err
	}
	sealed, err := message.SealWith(enc, exporter, wire.MsgTIDReply, th[:],
		message.Encode(wire.MsgTIDReply, m))
	r.th = th.Next(sealed)
	return sealed, err
}
