package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong with a store, apart from what a step itself returns.
var (
	// ErrInUse means that another process, or this one, holds the store. Nothing was read or
	// written. End the other one, or name another file.
	ErrInUse = errors.New("store is in use")
	// ErrForeign means that the file isn't a tapbench store, or another party's. It wasn't changed.
	// Name another file.
	ErrForeign = errors.New("not this party's store")
	// ErrVersion means that another version of tapbench made the file. It wasn't changed. Use that
	// version, or begin with a new file.
	ErrVersion = errors.New("store of another version")
	// ErrReadOnly means that the folder or the file may not be written to. Nothing was changed.
	ErrReadOnly = errors.New("store can't be written to")
	// ErrFull means that the disk is full. The step was undone; free some space and try again.
	ErrFull = errors.New("disk is full")
	// ErrCorrupt means that the file is damaged. Keep it for whoever looks into it.
	ErrCorrupt = errors.New("store is damaged")
	// ErrUncertain means that the disk failed during a commit, so that only opening the store anew
	// tells whether that step remains. Until then every call is refused with this error. The same
	// request under the same [Key] is then answered once, as always.
	ErrUncertain = errors.New("disk failed, outcome of the last step unknown")
	// ErrClosed means that the store was closed before.
	ErrClosed = errors.New("store is closed")
	// ErrKeyReused means that a key belongs to the answer to another request.
	ErrKeyReused = errors.New("key belongs to another request")
	// ErrNoAnswer means that no answer is kept under a key.
	ErrNoAnswer = errors.New("no answer yet")
)

// classify puts the sentinel in front of what SQLite reports. Other errors, such as a step's own,
// pass unchanged.
func classify(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() & 0xFF {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrInUse, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	default:
		return err
	}
}
