package bound_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/statefile/bound"
	"tapbench/applet/statefile/bound/boundtest"
)

// file is a file in memory.
type file struct {
	content []byte
	err     error // of the next commit, which is done nevertheless
}

func (f *file) Load() ([]byte, error) { return f.content, nil }

func (f *file) Commit(content []byte) error {
	f.content = bytes.Clone(content)
	return f.err
}

// index is an index in memory that can fail.
type index struct {
	boundtest.Memory
	readErr, extendErr error
	done               bool // what fails is done
}

func (i *index) Read(ctx context.Context) (value [bound.Size]byte, written bool, err error) {
	if i.readErr != nil {
		return value, false, i.readErr
	}
	return i.Memory.Read(ctx)
}

func (i *index) Begin(ctx context.Context, start [bound.Size]byte) error {
	if err := i.Define(ctx); err != nil {
		return err
	}
	return i.Extend(ctx, start)
}

func (i *index) Extend(ctx context.Context, digest [bound.Size]byte) error {
	if i.extendErr != nil && !i.done {
		return i.extendErr
	}
	return errors.Join(i.Memory.Extend(ctx, digest), i.extendErr)
}

func open(t *testing.T, f bound.File, a bound.Anchor) *bound.Store {
	t.Helper()
	s, err := bound.New(bound.Config{File: f, Anchor: a})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// after returns file and index after these commits, and all contents that the file had.
func after(t *testing.T, states ...string) (*file, *index, [][]byte) {
	t.Helper()
	f, i := new(file), new(index)
	s := open(t, f, i)
	if state, err := s.Load(); err != nil || state != nil {
		t.Fatalf("new: %q, %v", state, err)
	}
	var all [][]byte
	for _, state := range states {
		if err := s.Commit([]byte(state)); err != nil {
			t.Fatal(err)
		}
		all = append(all, f.content)
	}
	return f, i, all
}

func TestLoadLocks(t *testing.T) {
	f, i, all := after(t, "one", "two")
	_, other, _ := after(t, "one")
	short := all[1][:bound.Overhead-1]
	kind := bytes.Clone(all[1])
	kind[7] = 9
	begun := &index{Memory: boundtest.Memory{Defined: true}}
	changed := append(bytes.Clone(all[1][:len(all[1])-1]), 'x')
	for name, c := range map[string]struct {
		content []byte
		index   *index
		want    error
	}{
		"an older copy":                      {all[0], i, bound.ErrPutBack},
		"one bit of the state":               {changed, i, bound.ErrPutBack},
		"cut short":                          {short, i, bound.ErrPutBack},
		"another kind":                       {kind, i, bound.ErrPutBack},
		"another index":                      {all[1], other, bound.ErrPutBack},
		"no file":                            {nil, i, bound.ErrNoFile},
		"an empty file":                      {[]byte{}, i, bound.ErrUnbound},
		"a copy from before it was bound":    {[]byte("one"), i, bound.ErrUnbound},
		"the index was removed":              {all[1], new(index), bound.ErrNoIndex},
		"the index is defined, not written":  {all[1], begun, bound.ErrNoIndex},
		"a damaged file, an index not there": {short, new(index), bound.ErrPutBack},
	} {
		t.Run(name, func(t *testing.T) {
			before := *c.index
			held := &file{content: c.content}
			s := open(t, held, c.index)
			_, err := s.Load()
			if !errors.Is(err, bound.ErrLocked) || !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if s.Commit([]byte("three")) == nil {
				t.Error("a locked state took a commit")
			}
			if !bytes.Equal(held.content, c.content) || before != *c.index {
				t.Error("file or index was changed")
			}
		})
	}
	// The right file opens again.
	if state, err := open(t, f, i).Load(); err != nil || string(state) != "two" {
		t.Errorf("got %q, %v", state, err)
	}
}

func TestCommitFails(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		spoil func(*file, *index)
		want  error
		again error  // of a second commit, when all works again
		state string // that the next start finds; "": whatever it was, new or old
	}{
		"file, which has it nevertheless": {
			func(f *file, _ *index) { f.err = broken }, broken, nil, "third",
		},
		"index can't be read": {
			func(_ *file, i *index) { i.readErr = broken }, broken, nil, "third",
		},
		"extend, not done": {
			func(_ *file, i *index) { i.extendErr = broken },
			bound.ErrUncertain, bound.ErrUncertain, "second",
		},
		"extend, done": {
			func(_ *file, i *index) { i.extendErr, i.done = broken, true },
			bound.ErrUncertain, bound.ErrUncertain, "second",
		},
		"another copy in use": {
			func(_ *file, i *index) { _ = i.Memory.Extend(t.Context(), [32]byte{1}) },
			bound.ErrForked, bound.ErrForked, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, i, _ := after(t, "first")
			s := open(t, f, i)
			if _, err := s.Load(); err != nil {
				t.Fatal(err)
			}
			c.spoil(f, i)
			if err := s.Commit([]byte("second")); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			f.err, i.readErr, i.extendErr = nil, nil, nil
			if err := s.Commit([]byte("third")); !errors.Is(err, c.again) {
				t.Errorf("again: got %v, want %v", err, c.again)
			}
			state, err := open(t, f, i).Load()
			if c.state == "" && errors.Is(err, bound.ErrLocked) {
				return
			}
			if err != nil || string(state) != c.state {
				t.Errorf("started with %q, %v, want %q", state, err, c.state)
			}
		})
	}
}

func TestCommitBeforeLoad(t *testing.T) {
	if err := open(t, new(file), new(index)).Commit(nil); err == nil {
		t.Error("committed to a state that wasn't loaded")
	}
	if _, err := bound.New(bound.Config{}); err == nil {
		t.Error("made a store of nothing")
	}
}

// TestAdoption takes an unbound file over, once.
func TestAdoption(t *testing.T) {
	f, i := &file{content: []byte("unbound")}, new(index)
	for range 2 {
		state, err := open(t, f, i).Load()
		if err != nil || string(state) != "unbound" {
			t.Fatalf("got %q, %v", state, err)
		}
	}
	if state, isBound := bound.Peek(f.content); string(state) != "unbound" || !isBound {
		t.Errorf("peeked at %q, %v", state, isBound)
	}
	f.content = []byte("unbound")
	if _, err := open(t, f, i).Load(); !errors.Is(err, bound.ErrUnbound) {
		t.Errorf("twice: got %v", err)
	}
}

// TestFileLayout reads a file by hand, as docs/rollback.md describes it.
func TestFileLayout(t *testing.T) {
	f, i, all := after(t, "one", "two")
	if got := string(all[0][:8]) + string(all[1][:8]); got != "TBBOUND\x01TBBOUND\x02" {
		t.Errorf("they begin with %q", got)
	}
	prev, digest := f.content[8:40], sha256.Sum256(f.content)
	want := sha256.Sum256(append(bytes.Clone(prev), digest[:]...))
	if diff := cmp.Diff(want, i.Value); diff != "" {
		t.Error(diff)
	}
	if got := string(f.content[40:]); got != "two" {
		t.Errorf("state %q", got)
	}
}

// FuzzLoad puts any bytes in the file's place: nothing opens but the file itself.
func FuzzLoad(f *testing.F) {
	f.Add([]byte("TBBOUND\x01"))
	f.Add([]byte("TBBOUND\x02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaatwo"))
	f.Fuzz(func(t *testing.T, content []byte) {
		right, i, all := after(t, "one", "two")
		for _, content := range [][]byte{content, append(bytes.Clone(all[1]), content...)} {
			state, err := open(t, &file{content: content}, i).Load()
			if bytes.Equal(content, right.content) != (err == nil) {
				t.Errorf("%x: %q, %v", content, state, err)
			}
			peeked, isBound := bound.Peek(content)
			if !isBound && !bytes.Equal(peeked, content) {
				t.Errorf("%x: peeked at %x", content, peeked)
			}
		}
	})
}
