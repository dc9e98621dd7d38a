package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
)

// beginner is a [sql.DB] or one connection of it.
type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// migrate applies the migrations that the store lacks, all of them or none. Those that it has must
// be the first of the list, unchanged; else it returns [ErrVersion].
func migrate(ctx context.Context, db beginner, e engine, migrations []string) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // after Commit it does nothing
	applied, err := appliedMigrations(ctx, t)
	if err != nil {
		return err
	}
	if len(applied) > len(migrations) {
		return fmt.Errorf("%w: %d migrations, this tapbench knows %d",
			ErrVersion, len(applied), len(migrations))
	}
	for i, text := range migrations {
		digest := sha256.Sum256([]byte(text))
		if i < len(applied) {
			if !bytes.Equal(applied[i], digest[:]) {
				return fmt.Errorf("%w: migration %d was another one", ErrVersion, i+1)
			}
			continue
		}
		if err := e.script(ctx, t, text); err != nil {
			return fmt.Errorf("applying migration %d: %w", i+1, err)
		}
		const insert = `INSERT INTO store_migration (number, digest) VALUES ($1, $2)`
		if _, err := t.ExecContext(ctx, insert, i+1, digest[:]); err != nil {
			return fmt.Errorf("applying migration %d: %w", i+1, err)
		}
	}
	return t.Commit()
}

func appliedMigrations(ctx context.Context, t *sql.Tx) (digests [][]byte, err error) {
	rows, err := t.QueryContext(ctx, `SELECT digest FROM store_migration ORDER BY number`)
	if err != nil {
		return nil, err
	}
	defer func() { err = closeRows(rows, err) }()
	for rows.Next() {
		var digest []byte
		if err := rows.Scan(&digest); err != nil {
			return nil, err
		}
		digests = append(digests, digest)
	}
	return digests, rows.Err()
}
