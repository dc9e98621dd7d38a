package bound

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Anchor is what can't be put back: an NV index of type extend. tpm.Index is one.
type Anchor interface {
	// Read returns the index's value, or written = false where it never was extended.
	Read(ctx context.Context) (value [Size]byte, written bool, err error)
	// Begin makes a new index with the value SHA-256(32 zeros || start). After an error it may have
	// been done or not, or half.
	Begin(ctx context.Context, start [Size]byte) error
	// Extend makes the value SHA-256(value || digest). After an error it may have been done or not.
	Extend(ctx context.Context, digest [Size]byte) error
}

// File is one file that is there whole or not at all after a power cut, as statefile.File is.
type File interface {
	// Load returns its content, nil when there is none.
	Load() ([]byte, error)
	// Commit replaces it, and returns when that will outlast a loss of power.
	Commit(content []byte) error
}

// Config is what a store is made of.
type Config struct {
	File   File
	Anchor Anchor
}

// Store is a state in a file, bound to an index. It belongs to one goroutine. A commit isn't broken
// off: it takes as long as disk and TPM take.
type Store struct {
	file   File
	anchor Anchor

	loaded  bool
	written bool       // the index is
	value   [Size]byte // of the index, at the last commit or load
	broken  error      // why nothing can be committed any more
}

// New returns a store. Load it before anything is committed.
func New(c Config) (*Store, error) {
	if c.File == nil || c.Anchor == nil {
		return nil, errors.New("binding a state: without a file or an index")
	}
	return &Store{file: c.File, anchor: c.Anchor}, nil
}

// Load returns the state, nil where none was committed ever. When it returns without an error the
// index stands at that state: what was cut between write and extend is extended now. Errors:
// [ErrLocked], and those of file and index.
func (s *Store) Load() ([]byte, error) {
	s.loaded = false
	file, err := s.file.Load()
	if err != nil {
		return nil, err
	}
	state, err := s.load(context.Background(), file)
	if err != nil {
		return nil, fmt.Errorf("opening the bound state: %w", err)
	}
	s.loaded, s.broken = true, nil
	return state, nil
}

func (s *Store) load(ctx context.Context, file []byte) (state []byte, err error) {
	c, isBound, err := parse(file)
	if err != nil {
		return nil, err
	}
	if s.value, s.written, err = s.anchor.Read(ctx); err != nil {
		return nil, err
	}
	if !s.written {
		return s.loadFirst(ctx, file, c, isBound)
	}
	switch {
	case file == nil:
		return nil, locked(ErrNoFile)
	case !isBound:
		return nil, locked(ErrUnbound)
	}
	digest := sha256.Sum256(file)
	after := Extended(c.prev, digest)
	if s.value == after {
		return c.state, nil
	}
	if s.value != c.prev {
		return nil, locked(ErrPutBack)
	}
	return c.state, s.extend(ctx, digest)
}

// loadFirst is load where the index was never written: then a first state may be, and no other.
func (s *Store) loadFirst(
	ctx context.Context, file []byte, c content, isBound bool,
) (state []byte, err error) {
	switch {
	case file == nil:
		return nil, nil // the first commit begins the index
	case !isBound:
		return file, s.begin(ctx, file)
	case c.kind == kindFirst: // cut before the index was begun
		return c.state, s.begin(ctx, c.state)
	default:
		return nil, locked(ErrNoIndex)
	}
}

func locked(reason error) error { return fmt.Errorf("%w: %w", ErrLocked, reason) }

// Commit makes state the latest one: write, extend, return. It doesn't keep the slice. After an
// error nothing may be answered that rests on the new state. Errors: [ErrForked], [ErrUncertain],
// and those of file and index; after those the old state or the new one is found by the next Load.
func (s *Store) Commit(state []byte) error {
	switch {
	case s.broken != nil:
		return s.broken
	case !s.loaded:
		return errors.New("committing a bound state: it wasn't loaded")
	}
	ctx := context.Background()
	if !s.written {
		return s.begin(ctx, state)
	}
	// Whoever has extended the index meanwhile is found before anything is written.
	now, written, err := s.anchor.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading the state's index: %w", err)
	}
	if !written || now != s.value {
		return s.fail(ErrForked)
	}
	return s.write(ctx, content{kind: kindLater, prev: s.value, state: state})
}

// begin writes a first state and begins the index. The value that the index begins with is known
// beforehand, so that each cut leaves what [Store.Load] goes on from.
func (s *Store) begin(ctx context.Context, state []byte) error {
	var start [Size]byte
	if _, err := rand.Read(start[:]); err != nil {
		return fmt.Errorf("beginning an index: %w", err)
	}
	first := content{kind: kindFirst, prev: Extended([Size]byte{}, start), state: state}
	file := first.encode()
	if err := s.file.Commit(file); err != nil {
		return err
	}
	if err := s.anchor.Begin(ctx, start); err != nil {
		return s.fail(fmt.Errorf("%w: %w", ErrUncertain, err))
	}
	s.value, s.written = first.prev, true
	return s.extend(ctx, sha256.Sum256(file))
}

func (s *Store) write(ctx context.Context, c content) error {
	file := c.encode()
	if err := s.file.Commit(file); err != nil {
		return err
	}
	return s.extend(ctx, sha256.Sum256(file))
}

// extend extends the index from the value that is known, and makes sure that it was that one: if
// not, another copy has been extended in between, and only one of both may be answered.
func (s *Store) extend(ctx context.Context, digest [Size]byte) error {
	if err := s.anchor.Extend(ctx, digest); err != nil {
		return s.fail(fmt.Errorf("%w: %w", ErrUncertain, err))
	}
	now, _, err := s.anchor.Read(ctx)
	if err != nil {
		return s.fail(fmt.Errorf("%w: %w", ErrUncertain, err))
	}
	if want := Extended(s.value, digest); now != want {
		return s.fail(ErrForked)
	}
	s.value = now
	return nil
}

// fail keeps the store from committing until it is loaded again.
func (s *Store) fail(err error) error {
	s.broken = err
	if errors.Is(err, ErrUncertain) {
		s.broken = ErrUncertain
	}
	return err
}
