package store

import (
	"errors"
	"fmt"
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
	// ErrFull means that the disk is full. The step was undone, perhaps with those that shared its
	// commit; free some space and try again.
	ErrFull = errors.New("disk is full")
	// ErrCorrupt means that the file is damaged. Keep it for whoever looks into it.
	ErrCorrupt = errors.New("store is damaged")
	// ErrUncertain means that the disk failed during a commit, so that only opening the store anew
	// tells whether that step remains. Until then every call is refused with this error. The same
	// request under the same [Key] is then answered once, as always.
	ErrUncertain = errors.New("disk failed, outcome of the last step unknown")
	// ErrUnreachable means that a database's server can't be reached or doesn't let the user in.
	// Start it, or check the URL.
	ErrUnreachable = errors.New("database can't be reached")
	// ErrLost means that the connection to the database broke before a commit: nothing of that step
	// remains. Another process may hold the store by now, so every later call is refused with this
	// error until the store is opened anew.
	ErrLost = errors.New("connection to the database is lost")
	// ErrClosed means that the store was closed before.
	ErrClosed = errors.New("store is closed")
	// ErrKeyReused means that a key belongs to the answer to another request.
	ErrKeyReused = errors.New("key belongs to another request")
	// ErrNoAnswer means that no answer is kept under a key.
	ErrNoAnswer = errors.New("no answer yet")
)

// errNobody is what a configuration without an owner gets.
var errNobody = errors.New("a store needs a role and a party")

// classified puts the sentinel in front of what a database reports. Other errors, such as a step's
// own, pass unchanged.
func classified(e engine, err error) error {
	if err == nil {
		return nil
	}
	sentinel := e.sentinel(err)
	if sentinel == nil || errors.Is(err, sentinel) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}
