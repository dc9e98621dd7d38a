package bank

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/store"
	"tapbench/tpm/quote"
)

// user is a row of users.
type user struct {
	id                                 message.UserID
	cert, userKey, se, kbu, ak, akBind []byte
	ekSerial                           string
	secret                             message.Hash
	deposit                            uint64
	open                               bool
	clock                              *quote.ClockInfo
}

// putUser adds a user, or replaces one whose account isn't open yet.
func putUser(ctx context.Context, tx store.Tx, u user) error {
	old, err := getUser(ctx, tx, u.id)
	switch {
	case errors.Is(err, &api.Problem{Code: api.CodeUnknown}):
	case err != nil:
		return err
	case old.state() == UserOpen:
		return api.Refuse(api.CodeState, "this user has an open account here")
	default:
		if _, err := tx.ExecContext(ctx, `DELETE FROM users WHERE user_id = $1`,
			u.id.String()); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO users
		(user_id, certificate, user_key, se, kbu, ak, ak_bind, ek_serial, secret, deposit)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		u.id.String(), u.cert, u.userKey, u.se, u.kbu, u.ak, u.akBind, u.ekSerial, u.secret[:],
		int64(u.deposit)) //nolint:gosec // bounded by the amount's range
	return err
}

func getUser(ctx context.Context, tx store.Tx, id message.UserID) (user, error) {
	u := user{id: id}
	var secret, clock []byte
	var deposit int64
	err := tx.QueryRowContext(ctx, `SELECT certificate, user_key, se, kbu, ak, ak_bind,
		ek_serial, secret, deposit, open, clock FROM users WHERE user_id = $1`, id.String()).
		Scan(&u.cert, &u.userKey, &u.se, &u.kbu, &u.ak, &u.akBind, &u.ekSerial, &secret,
			&deposit, &u.open, &clock)
	if err := found(err, "no such user"); err != nil {
		return user{}, err
	}
	u.deposit = uint64(deposit) //nolint:gosec // written by putUser
	copy(u.secret[:], secret)
	if clock != nil {
		u.clock = new(quote.ClockInfo)
		if err := json.Unmarshal(clock, u.clock); err != nil {
			return user{}, fmt.Errorf("reading a TPM's clock: %w", err)
		}
	}
	return u, nil
}

func activateUser(ctx context.Context, tx store.Tx, id message.UserID) error {
	_, err := tx.ExecContext(ctx, `UPDATE users SET open = 1 WHERE user_id = $1`, id.String())
	return err
}

func saveClock(
	ctx context.Context, tx store.Tx, id message.UserID, clock quote.ClockInfo,
) error {
	raw, err := json.Marshal(clock)
	if err != nil {
		return fmt.Errorf("keeping a TPM's clock: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE users SET clock = $1 WHERE user_id = $2`, raw, id.String())
	return err
}

// run is a row of runs: a phase 2 between message 2 and message 3.
type run struct {
	th      message.Transcript
	user    message.UserID
	offer   message.AIDOffer
	expires time.Time
	done    bool
}

func putRun(ctx context.Context, tx store.Tx, r run) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO runs (th, user_id, offer, expires)
		VALUES ($1, $2, $3, $4)`,
		r.th[:], r.user.String(), message.Encode(wire.MsgAIDReply, r.offer), r.expires.Unix())
	return err
}

func getRun(ctx context.Context, tx store.Tx, th message.Transcript) (run, error) {
	r := run{th: th}
	var id string
	var offer []byte
	var expires int64
	err := tx.QueryRowContext(ctx, `SELECT user_id, offer, expires, done FROM runs
		WHERE th = $1`, th[:]).
		Scan(&id, &offer, &expires, &r.done)
	if err := found(err, "no such run"); err != nil {
		return run{}, err
	}
	r.user, r.expires = message.NewUserID(id), time.Unix(expires, 0)
	r.offer, err = message.Decode[message.AIDOffer](wire.MsgAIDReply, offer)
	return r, err
}

func endRun(ctx context.Context, tx store.Tx, th message.Transcript) error {
	_, err := tx.ExecContext(ctx, `UPDATE runs SET done = 1 WHERE th = $1`, th[:])
	return err
}

// account is a row of accounts: a bank account ID.
type account struct {
	id          message.AccountID
	user        message.UserID
	certificate message.AccountCertificate
	signature   message.Signature
	evidence    []byte
	th          message.Transcript
	channel     []byte
	used        message.Limit
	next        uint32 // lowest counter accepted from the SE
	closed      bool
}

func putAccount(ctx context.Context, tx store.Tx, a account) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO accounts
		(account, user_id, certificate, signature, evidence, th, channel)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.id[:], a.user.String(), message.Encode(wire.CertAccount, a.certificate), a.signature[:],
		a.evidence, a.th[:], a.channel)
	return err
}

func getAccount(ctx context.Context, tx store.Tx, id message.AccountID) (account, error) {
	a := account{id: id}
	var name string
	var cert, sig []byte
	var used, next int64
	err := tx.QueryRowContext(ctx, `SELECT user_id, certificate, signature, channel, used, next, closed
		FROM accounts WHERE account = $1`, id[:]).
		Scan(&name, &cert, &sig, &a.channel, &used, &next, &a.closed)
	if err := found(err, "no such account"); err != nil {
		return account{}, err
	}
	a.user, a.used = message.NewUserID(name), message.Limit(used) //nolint:gosec // CHECK (used >= 0)
	a.next = uint32(next)                                         //nolint:gosec // written from a uint32
	copy(a.signature[:], sig)
	a.certificate, err = message.Decode[message.AccountCertificate](wire.CertAccount, cert)
	return a, err
}

// closeAccount writes down that an account is closed, and the lowest counter accepted from then on.
func closeAccount(ctx context.Context, tx store.Tx, id message.AccountID, next uint32) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET closed = 1, next = $1 WHERE account = $2`,
		int64(next), id[:])
	return err
}

// getAccountEvidence returns what was signed when an account was made, the transcript under which
// it was, and whose account it is.
func getAccountEvidence(ctx context.Context, tx store.Tx, id message.AccountID) (
	keys []byte, th message.Transcript, user message.UserID, err error,
) {
	var name string
	var raw []byte
	err = tx.QueryRowContext(ctx, `SELECT evidence, th, user_id FROM accounts WHERE account = $1`,
		id[:]).Scan(&keys, &raw, &name)
	copy(th[:], raw)
	return keys, th, message.NewUserID(name), found(err, "no such account")
}

// nonce is a row of nonces.
type nonce struct {
	nonce   message.Nonce
	session message.SessionID
	tsm     message.PartyID
	expires time.Time
}

func putNonce(ctx context.Context, tx store.Tx, n nonce) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO nonces (nonce, session, tsm, expires)
		VALUES ($1, $2, $3, $4)`,
		n.nonce[:], n.session[:], n.tsm.String(), n.expires.Unix())
	return err
}

// takeNonce removes a nonce and returns it: each serves once.
func takeNonce(ctx context.Context, tx store.Tx, value message.Nonce) (nonce, error) {
	n := nonce{nonce: value}
	var session []byte
	var tsm string
	var expires int64
	err := tx.QueryRowContext(ctx, `DELETE FROM nonces WHERE nonce = $1
		RETURNING session, tsm, expires`,
		value[:]).Scan(&session, &tsm, &expires)
	if err := found(err, "the nonce is unknown or was used"); err != nil {
		return nonce{}, err
	}
	copy(n.session[:], session)
	n.tsm, n.expires = message.NewPartyID(tsm), time.Unix(expires, 0)
	return n, nil
}

// fundingRow is a row of fundings.
type fundingRow struct {
	handle          message.Handle
	account         message.AccountID
	limit           message.Limit
	expiry          message.Epoch
	tsm             message.PartyID
	binfo, tsmbinfo []byte
}

// getFunding returns the funding of a handle; limit and expiry are left out.
func getFunding(ctx context.Context, tx store.Tx, h message.Handle) (fundingRow, error) {
	f := fundingRow{handle: h}
	var account []byte
	var tsm string
	err := tx.QueryRowContext(ctx, `SELECT account, tsm, binfo FROM fundings WHERE handle = $1`,
		h[:]).Scan(&account, &tsm, &f.binfo)
	copy(f.account[:], account)
	f.tsm = message.NewPartyID(tsm)
	return f, found(err, "no such handle")
}

// putFunding keeps a funding's evidence and charges the account's limit.
func putFunding(ctx context.Context, tx store.Tx, f fundingRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO fundings
		(handle, account, amount, expiry, tsm, binfo, tsmbinfo) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		f.handle[:], f.account[:],
		int64(f.limit), //nolint:gosec // bounded by the account's limit
		int64(f.expiry), f.tsm.String(), f.binfo, f.tsmbinfo)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE accounts SET used = used + $1 WHERE account = $2`,
		int64(f.limit), f.account[:]) //nolint:gosec // bounded by the account's limit
	return err
}

// heldFundings returns what lies in a TSM's escrow for accounts whose last epoch is e.
func heldFundings(
	ctx context.Context, tx store.Tx, tsm message.PartyID, e message.Epoch,
) (map[message.Handle]fundingRow, error) {
	rows, err := tx.QueryContext(ctx, `SELECT handle, account, amount FROM fundings
		WHERE tsm = $1 AND expiry = $2 AND returned IS NULL`, tsm.String(), int64(e))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	held := make(map[message.Handle]fundingRow)
	for rows.Next() {
		f := fundingRow{tsm: tsm, expiry: e}
		var handle, id []byte
		var amount int64
		if err := rows.Scan(&handle, &id, &amount); err != nil {
			return nil, err
		}
		copy(f.handle[:], handle)
		copy(f.account[:], id)
		f.limit = message.Limit(amount) //nolint:gosec // written by putFunding
		held[f.handle] = f
	}
	return held, rows.Err()
}

// returnFunding writes down what has come back, by which the account covers more again.
func returnFunding(ctx context.Context, tx store.Tx, f fundingRow, rest message.Limit) error {
	minor := int64(rest) //nolint:gosec // at most the funding's limit
	_, err := tx.ExecContext(ctx, `UPDATE fundings SET returned = $1 WHERE handle = $2`,
		minor, f.handle[:])
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE accounts SET used = used - $1 WHERE account = $2`,
		minor, f.account[:])
	return err
}

// putReturn keeps a batch as evidence.
func putReturn(ctx context.Context, tx store.Tx, m message.Return, q api.ReturnRequest) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO returns (tsm, epoch, batch, remainders)
		VALUES ($1, $2, $3, $4)`, m.TSM.String(), int64(m.Epoch), q.Batch, q.Remainders)
	return err
}

// found turns a missing row into a refusal.
func found(err error, refusal string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return api.Refuse(api.CodeUnknown, "%s", refusal)
	}
	return err
}
