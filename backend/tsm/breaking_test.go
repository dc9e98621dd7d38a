package tsm_test

import (
	"context"
	"database/sql"
	"errors"

	"tapbench/backend/ledger"
	"tapbench/backend/store"
)

var errBroken = errors.New("broken off")

// breaking is a store whose steps break off at their n-th statement that writes.
type breaking struct {
	store.Store
	n int
}

// Tx implements [store.Store].
func (b breaking) Tx(ctx context.Context, step func(store.Tx) error) error {
	return b.Store.Tx(ctx, func(tx store.Tx) error {
		left := b.n
		return step(breakingTx{tx, &left})
	})
}

// breakingTx counts what is written.
type breakingTx struct {
	store.Tx
	left *int
}

func (b breakingTx) spend() error {
	*b.left--
	if *b.left < 0 {
		return errBroken
	}
	return nil
}

// ExecContext implements [store.SQL].
func (b breakingTx) ExecContext(
	ctx context.Context, query string, args ...any,
) (sql.Result, error) {
	if err := b.spend(); err != nil {
		return nil, err
	}
	return b.Tx.ExecContext(ctx, query, args...)
}

// InsertAccount implements [ledger.Book].
func (b breakingTx) InsertAccount(ctx context.Context, a ledger.Account) error {
	return errors.Join(b.spend(), b.Tx.InsertAccount(ctx, a))
}

// SetBalances implements [ledger.Book].
func (b breakingTx) SetBalances(
	ctx context.Context, id ledger.AccountID, balances ledger.Balances,
) error {
	return errors.Join(b.spend(), b.Tx.SetBalances(ctx, id, balances))
}

// InsertTransfer implements [ledger.Book].
func (b breakingTx) InsertTransfer(ctx context.Context, t ledger.Transfer) error {
	return errors.Join(b.spend(), b.Tx.InsertTransfer(ctx, t))
}

// InsertPostings implements [ledger.Book].
func (b breakingTx) InsertPostings(ctx context.Context, lines ...ledger.Posting) error {
	return errors.Join(b.spend(), b.Tx.InsertPostings(ctx, lines...))
}

// SaveAnswer implements [store.Tx].
func (b breakingTx) SaveAnswer(ctx context.Context, key store.Key, answer []byte) error {
	return errors.Join(b.spend(), b.Tx.SaveAnswer(ctx, key, answer))
}

// killable is a store that can be broken off once, at a write or behind its commit, as by a kill:
// nothing of the step remains, or all of it and nobody heard.
type killable struct {
	store.Store
	left   int  // writes until it breaks off; below 0 it has
	behind bool // it breaks off behind the next commit
}

// whole is more writes than a test makes.
const whole = 1 << 30

// Tx implements [store.Store].
func (s *killable) Tx(ctx context.Context, step func(store.Tx) error) error {
	err := s.Store.Tx(ctx, func(tx store.Tx) error { return step(breakingTx{tx, &s.left}) })
	if err == nil && s.behind {
		s.behind = false
		return errBroken
	}
	return err
}
