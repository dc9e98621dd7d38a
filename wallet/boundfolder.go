package wallet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tapbench/applet/statefile"
	"tapbench/applet/statefile/bound"
)

// ErrInUse means that another process has a bound wallet open. Nothing was changed.
var ErrInUse = errors.New("the wallet's state is in use by another process")

// Store keeps a wallet's state: a [Folder], a [BoundFolder], or for looking a [View].
type Store interface {
	// Load returns the state, or [ErrNoWallet].
	Load() (State, error)
	// Save replaces it, wholly or not at all.
	Save(s State) error
	// String returns the folder's path.
	String() string
}

var _, _, _ Store = Folder(""), View(""), (*BoundFolder)(nil)

// String returns the folder's path.
func (f Folder) String() string { return string(f) }

// View is a folder for looking: a state that is bound to a TPM is read without asking the TPM
// whether it is the latest one, and isn't replaced.
type View string

// String returns the folder's path.
func (v View) String() string { return string(v) }

// Load is [Folder.Load] for bound states too.
func (v View) Load() (State, error) {
	raw, err := Folder(v).read()
	if err != nil {
		return State{}, err
	}
	raw, _ = bound.Peek(raw)
	return Folder(v).decode(raw)
}

// Save is [Folder.Save], and does nothing to a bound state: what a look notes is noted again by the
// next one.
func (v View) Save(s State) error {
	err := Folder(v).Save(s)
	if errors.Is(err, bound.ErrBound) {
		return nil
	}
	return err
}

// BoundFolder is a folder whose state is bound to an NV index, so that no older copy of it is taken
// for the latest one. It is held by one process.
type BoundFolder struct {
	folder Folder
	file   *statefile.File
	store  *bound.Store
}

// OpenBound opens a folder, which it makes, with its index. A state that isn't bound yet is bound
// at the first Load. Errors: [ErrInUse].
func OpenBound(f Folder, index bound.Anchor) (*BoundFolder, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return nil, fmt.Errorf("opening the wallet: %w", err)
	}
	file, err := statefile.Open(filepath.Join(string(f), stateFile), maxStateFile)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, f)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the wallet: %w", err)
	}
	store, err := bound.New(bound.Config{File: file, Anchor: index})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &BoundFolder{f, file, store}, nil
}

// String returns the folder's path.
func (b *BoundFolder) String() string { return string(b.folder) }

// Load returns the state. Errors: [ErrNoWallet], [ErrForeignWallet], [bound.ErrLocked].
func (b *BoundFolder) Load() (State, error) {
	// What isn't a wallet's isn't bound either.
	if _, err := View(b.folder).Load(); err != nil && !errors.Is(err, ErrNoWallet) {
		return State{}, err
	}
	raw, err := b.store.Load()
	if err != nil {
		return State{}, fmt.Errorf("opening the wallet: %w", err)
	}
	if raw == nil {
		return State{}, fmt.Errorf("%w: %s", ErrNoWallet, b.folder)
	}
	return b.folder.decode(raw)
}

// Save writes the state and extends its index.
func (b *BoundFolder) Save(s State) error {
	raw, err := encode(s)
	if err != nil {
		return err
	}
	if err := b.store.Commit(raw); err != nil {
		return fmt.Errorf("saving the wallet: %w", err)
	}
	return nil
}

// Close gives the folder back.
func (b *BoundFolder) Close() error { return b.file.Close() }

// IsBound reports whether the folder's state is bound, as its file says.
func (f Folder) IsBound() (bool, error) {
	raw, err := f.read()
	if errors.Is(err, ErrNoWallet) {
		return false, nil
	}
	_, isBound := bound.Peek(raw)
	return isBound, err
}
