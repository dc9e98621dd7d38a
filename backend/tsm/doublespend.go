package tsm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/payout"
	"tapbench/backend/store"
)

// punish keeps the evidence of a double spending, which anyone can verify who has the TSM's public
// key, and freezes the account that the token was issued to. Without evidence that holds it returns
// an error, and the batch isn't paid: the loss pays for nothing else.
func (t *TSM) punish(
	ctx context.Context, tx store.Tx, party message.PartyID, g guilty,
) error {
	row, ok, err := getToken(ctx, tx, g.claim.Token)
	if err != nil || !ok {
		return fmt.Errorf("reading the token of a double spending: %w", err)
	}
	first, err := firstStatement(ctx, tx, g)
	if err != nil {
		return err
	}
	second, err := doublespend.DecodeStatement(g.claim.Proof())
	if err != nil {
		return fmt.Errorf("reading a claim's statement: %w", err)
	}
	evidence := doublespend.New(row.token, first, second)
	if _, err := evidence.Check(t.Sign.Key); err != nil {
		return fmt.Errorf("checking the evidence of a double spending: %w", err)
	}
	raw := evidence.Encode()
	if err := putDoubleSpend(ctx, tx, party, g, raw); err != nil {
		return err
	}
	return Freeze(ctx, tx, g.tid, raw)
}

// firstStatement returns what a claim contradicts: the close, or the statement that came first.
func firstStatement(
	ctx context.Context, tx store.Tx, g guilty,
) (doublespend.Statement, error) {
	var raw []byte
	var err error
	if g.decision.Guilt == payout.SpentClosed {
		err = tx.QueryRowContext(ctx, `SELECT close FROM tokens WHERE tokid = $1`, g.claim.Token[:]).
			Scan(&raw)
	} else {
		raw, err = keptStatement(ctx, tx, g.claim.Token, g.decision.Other)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a token's first statement: %w", err)
	}
	return doublespend.DecodeStatement(raw)
}

// keptStatement returns a statement that was paid. One that was paid out of the loss lies within
// its own evidence.
func keptStatement(
	ctx context.Context, tx store.Tx, token, claim message.Hash,
) (raw []byte, err error) {
	var n int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM claims WHERE tokid = $1 AND claim = $2`,
		token[:], claim[:]).Scan(&n)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		err = tx.QueryRowContext(ctx, `SELECT statement FROM claims WHERE tokid = $1 AND claim = $2`,
			token[:], claim[:]).Scan(&raw)
		return raw, err
	}
	err = tx.QueryRowContext(ctx, `SELECT evidence FROM doublespends
		WHERE tokid = $1 AND claim = $2`, token[:], claim[:]).Scan(&raw)
	if err != nil {
		return nil, err
	}
	e, err := doublespend.Decode(raw)
	if err != nil {
		return nil, err
	}
	if e.A.Digest() == claim {
		return e.A.Encode(), nil
	}
	return e.B.Encode(), nil
}

// putDoubleSpend keeps a later statement with its evidence, or that more ticks of it were claimed.
func putDoubleSpend(
	ctx context.Context, tx store.Tx, party message.PartyID, g guilty, evidence []byte,
) error {
	c, s := g.claim, g.claim.Statement
	_, err := tx.ExecContext(ctx, `INSERT INTO doublespends
		(tokid, claim, from_unit, to_unit, ticked, merchant, paid, evidence)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (tokid, claim) DO UPDATE SET ticked = excluded.ticked,
			paid = doublespends.paid + excluded.paid, evidence = excluded.evidence`,
		c.Token[:], c.Key[:], int64(s.From), int64(s.To), int64(c.To), party.String(), g.minor(),
		evidence)
	if err != nil {
		return fmt.Errorf("keeping a double spending: %w", err)
	}
	return nil
}

// paidBehind returns the statement of a token by which the highest unit above `at` was paid, and
// nil if none was.
func paidBehind(
	ctx context.Context, tx store.Tx, token message.Hash, at uint8,
) (statement []byte, err error) {
	err = tx.QueryRowContext(ctx, `SELECT statement FROM claims WHERE tokid = $1 AND ticked > $2
		ORDER BY ticked DESC LIMIT 1`, token[:], int64(at)).Scan(&statement)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was paid of a token: %w", err)
	}
	return statement, nil
}
