package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
)

// tx is a step's view of the database: the ledger's book, the answers and SQL.
type tx struct{ SQL }

var _ Tx = tx{}

// Answer implements [Tx].
func (t tx) Answer(ctx context.Context, key Key) ([]byte, error) {
	var request, answer []byte
	row := t.QueryRowContext(ctx,
		`SELECT request, answer FROM store_answer WHERE op = $1 AND id = $2`, key.Op, key.ID)
	err := row.Scan(&request, &answer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNoAnswer
	case err != nil:
		return nil, fmt.Errorf("reading an answer: %w", err)
	case subtle.ConstantTimeCompare(request, key.Request[:]) != 1:
		return nil, fmt.Errorf("%w: %s", ErrKeyReused, key.Op)
	}
	return answer, nil
}

// SaveAnswer implements [Tx].
func (t tx) SaveAnswer(ctx context.Context, key Key, answer []byte) error {
	if answer == nil {
		answer = []byte{} // an empty answer is one; NULL isn't
	}
	_, err := t.ExecContext(ctx,
		`INSERT INTO store_answer (op, id, request, answer) VALUES ($1, $2, $3, $4)`,
		key.Op, key.ID, key.Request[:], answer)
	if err != nil {
		return fmt.Errorf("keeping an answer: %w", err)
	}
	return nil
}

// closeRows closes rows and returns the first error.
func closeRows(rows *sql.Rows, err error) error {
	return errors.Join(err, rows.Close())
}
