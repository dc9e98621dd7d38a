package tsm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/store"
)

// TokenState is how far an offline token has come.
type TokenState string

// The states of a token.
const (
	// TokenOpen: claims are taken until its grace is over.
	TokenOpen TokenState = "open"
	// TokenClosed: its element has closed it; units above that index have come back, claims for the
	// others are taken as before.
	TokenClosed TokenState = "closed"
	// TokenReclaimed: its grace is over, and what wasn't claimed has come back.
	TokenReclaimed TokenState = "reclaimed"
)

// tokenRow is a row of tokens. Paid, Back and what is open add up to its length.
type tokenRow struct {
	id      message.Hash // tokID
	tid     message.TID
	token   message.Token
	request []byte // written only
	state   TokenState
	paid    uint8 // units
	reach   uint8 // the highest unit that was paid
	back    uint8 // units
	at      uint8 // while not TokenOpen: the units above came back, if the element has closed it
	closed  bool  // by the element
}

// open returns how many units are neither paid nor back.
func (r tokenRow) open() uint8 { return r.token.Fields.Length - r.paid - r.back }

// minor returns what some of the token's units are worth, in minor units.
func (r tokenRow) minor(units uint8) int64 {
	return int64(units) * int64(r.token.Fields.Unit)
}

// claimsTo returns the last epoch in which claims are taken.
func claimsTo(f message.TokenFields) message.Epoch {
	return f.Epoch + message.Epoch(f.Policy.Grace)
}

// putToken keeps a token that was just issued.
func putToken(ctx context.Context, tx store.Tx, r tokenRow) error {
	f := r.token.Fields
	_, err := tx.ExecContext(ctx, `INSERT INTO tokens
		(tokid, tid, key, root, token, request, unit, length, epoch, claims_to, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.id[:], r.tid[:], f.Key[:], f.Root[:], message.Encode(wire.SigToken, r.token), r.request,
		int64(f.Unit), int64(f.Length), int64(f.Epoch), int64(claimsTo(f)), TokenOpen)
	if err != nil {
		return fmt.Errorf("keeping a token: %w", err)
	}
	return nil
}

// getToken returns a token, without its request, and whether it is there.
func getToken(ctx context.Context, tx store.Tx, id message.Hash) (tokenRow, bool, error) {
	return scanToken(tx.QueryRowContext(ctx, selectRow+` WHERE tokid = $1`, id[:]))
}

// getTokenOf returns the token that has a key, and whether there is one.
func getTokenOf(ctx context.Context, tx store.Tx, key message.PublicKey) (tokenRow, bool, error) {
	return scanToken(tx.QueryRowContext(ctx, selectRow+` WHERE key = $1`, key[:]))
}

// selectRow is what scanToken scans.
const selectRow = `SELECT tokid, tid, token, state, paid, reach, back, closed_at FROM tokens`

// getTokenRequest returns what a token was asked for by, with roll and pop.
func getTokenRequest(
	ctx context.Context, tx store.Tx, id message.Hash,
) (message.TokenRequest, error) {
	var request []byte
	err := tx.QueryRowContext(ctx, `SELECT request FROM tokens WHERE tokid = $1`, id[:]).
		Scan(&request)
	if err != nil {
		return message.TokenRequest{}, fmt.Errorf("reading a token's request: %w", err)
	}
	return message.Decode[message.TokenRequest](wire.MsgTokenRequest, request)
}

// scanner is a row, or the current one of several.
type scanner interface{ Scan(to ...any) error }

func scanToken(row scanner) (r tokenRow, ok bool, err error) {
	var id, tid, token []byte
	var at sql.NullInt64
	err = row.Scan(&id, &tid, &token, &r.state, &r.paid, &r.reach, &r.back, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return tokenRow{}, false, nil
	}
	if err != nil {
		return tokenRow{}, false, fmt.Errorf("reading a token: %w", err)
	}
	copy(r.id[:], id)
	copy(r.tid[:], tid)
	r.at, r.closed = uint8(at.Int64), at.Valid //nolint:gosec // written from a uint8
	r.token, err = message.Decode[message.Token](wire.SigToken, token)
	return r, err == nil, err
}

// rootTaken reports whether a token has a chain of this root.
func rootTaken(ctx context.Context, tx store.Tx, root message.Hash) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM tokens WHERE root = $1`, root[:]).Scan(&n)
	return n > 0, err
}

// payUnits writes down that the units from+1 to `to` of a token were paid out of its own money. The
// store refuses more units than the token has; that none is paid twice is up to the claims.
func payUnits(ctx context.Context, tx store.Tx, id message.Hash, from, to uint8) error {
	_, err := tx.ExecContext(ctx, `UPDATE tokens SET paid = paid + $1,
		reach = CASE WHEN reach < $2 THEN $2 ELSE reach END WHERE tokid = $3`,
		int64(to)-int64(from), int64(to), id[:])
	if err != nil {
		return fmt.Errorf("paying units of a token: %w", err)
	}
	return nil
}

// markClosed writes down that an element has closed a token at an index, and that so many units
// have come back.
func markClosed(
	ctx context.Context, tx store.Tx, id message.Hash, at, back uint8, statement []byte,
) error {
	_, err := tx.ExecContext(ctx, `UPDATE tokens SET state = $1, closed_at = $2, close = $3,
		back = back + $4 WHERE tokid = $5`, TokenClosed, int64(at), statement, int64(back), id[:])
	if err != nil {
		return fmt.Errorf("closing a token: %w", err)
	}
	return nil
}

// markReclaimed writes down that all that was open of a token has come back.
func markReclaimed(ctx context.Context, tx store.Tx, id message.Hash) error {
	_, err := tx.ExecContext(ctx, `UPDATE tokens SET state = $1, back = length - paid
		WHERE tokid = $2`, TokenReclaimed, id[:])
	if err != nil {
		return fmt.Errorf("reclaiming a token: %w", err)
	}
	return nil
}

// putContradiction keeps a token-close that contradicts what was paid, or another one.
func putContradiction(
	ctx context.Context, tx store.Tx, id message.Hash, at uint8, statement []byte,
) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO contradictions (tokid, at, close)
		VALUES ($1, $2, $3) ON CONFLICT (tokid, at) DO NOTHING`, id[:], int64(at), statement)
	if err != nil {
		return fmt.Errorf("keeping evidence: %w", err)
	}
	return nil
}
