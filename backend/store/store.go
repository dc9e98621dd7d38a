package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"tapbench/backend/ledger"
)

// Store is one party's durable state. It is safe for concurrent use.
type Store interface {
	// Tx runs one step. If step returns nil, everything that it wrote is on the disk when Tx
	// returns; otherwise nothing of it remains and Tx returns step's error. A step may be undone
	// and must not be seen to have happened before Tx returns: send nothing from within. It never
	// runs twice, and not beside another step. It must not call the Store.
	//
	// A step whose statement failed is undone, whatever it returns. One whose context ends before
	// it returns is undone too; after that, Tx waits for the disk and tells how it ended. Steps of
	// several callers may share a commit: if it fails, Tx returns the commit's error to each of
	// them, to those whose step failed as well.
	Tx(ctx context.Context, step func(Tx) error) error
	// View runs read on the state of the last commit. Writes fail.
	View(ctx context.Context, read func(Tx) error) error
	// Close waits for steps and views to end and closes the store. It is idempotent.
	Close() error
}

// Tx is what a step works with. It is valid until the step returns and belongs to one goroutine.
type Tx interface {
	ledger.Book
	SQL
	// Answer returns the answer under a key, [ErrNoAnswer], or [ErrKeyReused] if it answered
	// another request.
	Answer(ctx context.Context, key Key) ([]byte, error)
	// SaveAnswer keeps an answer under a key that has none.
	SaveAnswer(ctx context.Context, key Key, answer []byte) error
}

// SQL runs statements on the party's own tables. Its methods are those of [sql.Tx]; every Rows
// must be closed before the next statement.
type SQL interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Key says which answer belongs to a request.
type Key struct {
	// Op is the operation, such as "bank/aid-request": 1 to 64 bytes.
	Op string
	// ID is the request's identity within the operation: 1 to 64 bytes, such as a hash over the
	// signed fields of a message.
	ID []byte
	// Request is SHA-256 over what must be the same when the request comes again.
	Request [sha256.Size]byte
}

// Once answers a request once: it returns the answer that is kept under the key, or runs act in a
// step and keeps what it returns. A decline is an answer; when act returns an error, nothing is
// kept and the request may come again. It returns [ErrKeyReused] when the key's answer belongs to
// another request, and whatever act and [Store.Tx] return.
func Once(
	ctx context.Context, s Store, key Key, act func(Tx) ([]byte, error),
) ([]byte, error) {
	var answer []byte
	err := s.Tx(ctx, func(tx Tx) error {
		var err error
		if answer, err = tx.Answer(ctx, key); !errors.Is(err, ErrNoAnswer) {
			return err
		}
		if answer, err = act(tx); err != nil {
			return err
		}
		return tx.SaveAnswer(ctx, key, answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}
