package tsm

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// run is a row of runs: one registration and, once active, one TSM account.
type run struct {
	id                  message.Nonce
	state               State
	bank                message.PartyID
	session             message.SessionID
	nonceBank, nonceTSM message.Nonce
	tid                 message.TID
	sign, kem           message.PublicKey
	toTSM, toSE         message.Keys
	next, sent          uint32
	th                  message.Transcript
	register, info      []byte
	tsmbinfo, auth      []byte
	binfo, tsminfo      []byte // as sent
	refusal             []byte // JSON: the bank's *api.Problem
	request             message.Hash
	handle              message.Handle
	expiry              message.Epoch
}

func putRun(ctx context.Context, tx store.Tx, r run) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO runs (run, state, bank, session, nonce_bank, nonce_tsm)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		r.id[:], r.state, r.bank.String(), r.session[:], r.nonceBank[:], r.nonceTSM[:])
	return err
}

func saveRun(ctx context.Context, tx store.Tx, r run) error {
	var handle any // NULL until there is one, for UNIQUE
	if r.handle != (message.Handle{}) {
		handle = r.handle[:]
	}
	_, err := tx.ExecContext(ctx, `UPDATE runs SET state = $1, tid = $2, sign = $3, kem = $4,
		to_tsm = $5, to_se = $6, next = $7, sent = $8, th = $9, register = $10, info = $11,
		tsmbinfo = $12, request = $13,
		auth = $14, handle = $15, expiry = $16, binfo = $17, tsminfo = $18, refusal = $19
		WHERE run = $20`,
		r.state, r.tid[:], r.sign[:], r.kem[:], r.toTSM.Reveal(), r.toSE.Reveal(), int64(r.next),
		int64(r.sent), r.th[:], r.register, r.info, r.tsmbinfo, r.request[:], r.auth, handle,
		int64(r.expiry), r.binfo, r.tsminfo, r.refusal, r.id[:])
	return err
}

// getRun returns a run that is in one of the states.
func getRun(
	ctx context.Context, tx store.Tx, id message.Nonce, states ...State,
) (run, error) {
	r := run{id: id}
	var bank string
	var session, nonceBank, nonceTSM, tid, sign, kem, toTSM, toSE, th, request, handle []byte
	var next, sent, expiry int64
	err := tx.QueryRowContext(ctx, `SELECT state, bank, session, nonce_bank, nonce_tsm, tid, sign, kem,
		to_tsm, to_se, next, sent, th, register, info, tsmbinfo, request, auth, handle, expiry,
		binfo, tsminfo, refusal FROM runs WHERE run = $1`, id[:]).
		Scan(&r.state, &bank, &session, &nonceBank, &nonceTSM, &tid, &sign, &kem, &toTSM, &toSE, &next,
			&sent, &th, &r.register, &r.info, &r.tsmbinfo, &request, &r.auth, &handle, &expiry, &r.binfo,
			&r.tsminfo, &r.refusal)
	if errors.Is(err, sql.ErrNoRows) {
		return run{}, api.Refuse(api.CodeUnknown, "no such registration")
	}
	if err != nil {
		return run{}, err
	}
	if err := r.inState(slices.Contains(states, r.state)); err != nil {
		return run{}, err
	}
	r.bank = message.NewPartyID(bank)
	r.next, r.sent, r.expiry = uint32(next), uint32(sent), message.Epoch(expiry) //nolint:gosec // ours
	for _, field := range []struct{ dst, src []byte }{
		{r.session[:], session},
		{r.nonceBank[:], nonceBank},
		{r.nonceTSM[:], nonceTSM},
		{r.tid[:], tid},
		{r.sign[:], sign},
		{r.kem[:], kem},
		{r.th[:], th},
		{r.request[:], request},
		{r.handle[:], handle},
	} {
		copy(field.dst, field.src)
	}
	if toTSM == nil {
		return r, nil
	}
	if r.toTSM, err = message.NewKeys(toTSM); err != nil {
		return run{}, err
	}
	r.toSE, err = message.NewKeys(toSE)
	return r, err
}

// getAccountRun returns the run that has made a TSM account.
func getAccountRun(ctx context.Context, tx store.Tx, tid message.TID) (run, error) {
	var id []byte
	err := tx.QueryRowContext(ctx, `SELECT run FROM runs WHERE tid = $1`, tid[:]).Scan(&id)
	if err != nil {
		return run{}, fmt.Errorf("reading the account of a card: %w", err)
	}
	return getRun(ctx, tx, message.Nonce(id),
		StateActive, StateClosed, StateFrozen, StateReturning, StateReturned)
}

// issuedCard is what of a row of cards never changes.
type issuedCard struct {
	tid  message.TID
	key  message.PublicKey
	put  message.CardPut
	roll []byte // written only
}

func putCard(ctx context.Context, tx store.Tx, c issuedCard) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO cards (pan, tid, key, put, roll)
		VALUES ($1, $2, $3, $4, $5)`,
		c.put.PAN[:], c.tid[:], c.key[:], message.Encode(wire.MsgCardPut, c.put), c.roll)
	return err
}

// getCardRequest returns what a card was asked for by, with roll and pop.
func getCardRequest(
	ctx context.Context, tx store.Tx, pan [wire.PANLen]byte,
) (message.CardRequest, error) {
	var roll []byte
	err := tx.QueryRowContext(ctx, `SELECT roll FROM cards WHERE pan = $1`, pan[:]).Scan(&roll)
	if err != nil {
		return message.CardRequest{}, fmt.Errorf("reading a card's request: %w", err)
	}
	return message.Decode[message.CardRequest](wire.MsgCardRequest, roll)
}

// getIssued returns a card as it was issued, without its request, and whether it is there.
func getIssued(
	ctx context.Context, tx store.Tx, pan [wire.PANLen]byte,
) (c issuedCard, ok bool, err error) {
	var tid, key, put []byte
	err = tx.QueryRowContext(ctx, `SELECT tid, key, put FROM cards WHERE pan = $1`, pan[:]).
		Scan(&tid, &key, &put)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	copy(c.tid[:], tid)
	copy(c.key[:], key)
	c.put, err = message.Decode[message.CardPut](wire.MsgCardPut, put)
	return c, true, err
}

// card is how a card and its account stand when a payment is asked for.
type card struct {
	tid           message.TID
	atc           uint16
	spent         bool
	paid          money.Amount // by payments that stand
	reversed      bool         // the payment was, before it was asked for
	state         State
	accountExpiry message.Epoch
}

// getCard returns how a card stands before a payment, and whether it is there.
func (t *TSM) getCard(
	ctx context.Context, tx store.Tx, pan [wire.PANLen]byte, payment [sha256.Size]byte,
) (card, bool, error) {
	var c card
	var tid []byte
	var atc, spent, paid, reversed, expiry int64
	err := tx.QueryRowContext(ctx, `SELECT cards.tid, atc, spent, paid, runs.state, runs.expiry,
		(SELECT count(*) FROM reversals WHERE payment = $1)
		FROM cards JOIN runs ON runs.tid = cards.tid WHERE pan = $2`, payment[:], pan[:]).
		Scan(&tid, &atc, &spent, &paid, &c.state, &expiry, &reversed)
	if errors.Is(err, sql.ErrNoRows) {
		return card{}, false, nil
	}
	if err != nil {
		return card{}, false, err
	}
	copy(c.tid[:], tid)
	c.spent, c.reversed = spent != 0, reversed != 0
	c.accountExpiry = message.Epoch(expiry) //nolint:gosec // written from a uint32
	c.atc = uint16(atc)                     //nolint:gosec // written from a uint16
	c.paid, err = money.New(paid, t.currency())
	return c, err == nil, err
}
