package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"tapbench/backend/store/postgrestest"
)

// TestUncertain lets a commit fail in a way that leaves its outcome open: the disk reports an
// error, and yet the step remains. It reaches into the store, since no disk fails on demand.
func TestUncertain(t *testing.T) {
	cfg := Config{Path: filepath.Join(t.TempDir(), "bank.db"), Role: "bank", Party: "BKA4KD2Q"}
	s, err := OpenSQLite(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	key := Key{Op: "test", ID: []byte{1}}
	act := func(Tx) ([]byte, error) { return []byte("answer"), nil }
	disk := errors.New("disk I/O error")
	commit := s.writer.commit
	s.writer.commit = func(ctx context.Context) error { return errors.Join(disk, commit(ctx)) }

	_, err = Once(t.Context(), s, key, act)
	if !errors.Is(err, ErrUncertain) || !errors.Is(err, disk) {
		t.Errorf("got error %v, want %v and its cause", err, ErrUncertain)
	}
	for range 2 {
		if _, err := Once(t.Context(), s, key, act); !errors.Is(err, ErrUncertain) {
			t.Errorf("a later step: got error %v, want %v", err, ErrUncertain)
		}
		if err := s.View(t.Context(), func(Tx) error { return nil }); !errors.Is(err, ErrUncertain) {
			t.Errorf("a later view: got error %v, want %v", err, ErrUncertain)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenSQLite(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := Once(t.Context(), s, key, func(Tx) ([]byte, error) { return []byte("second"), nil })
	if err != nil || string(got) != "answer" {
		t.Errorf("after opening anew: got %q, %v, want what remained", got, err)
	}
}

// TestUncertainBesidePostgres ends the server when a commit is on its way to it.
func TestUncertainBesidePostgres(t *testing.T) {
	server := postgrestest.Start(t)
	cfg := Config{Path: server.Place(t), Role: "bank", Party: "BKA4KD2Q"}
	s, err := OpenPostgres(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	commit := s.writer.commit
	s.writer.commit = func(ctx context.Context) error { server.Kill(); return commit(ctx) }
	key := Key{Op: "test", ID: []byte{1}}
	for range 2 {
		_, err := Once(t.Context(), s, key, func(Tx) ([]byte, error) { return []byte("first"), nil })
		if !errors.Is(err, ErrUncertain) {
			t.Errorf("got error %v, want %v", err, ErrUncertain)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	server.Launch(t)
	if s, err = OpenPostgres(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := Once(t.Context(), s, key, func(Tx) ([]byte, error) { return []byte("second"), nil })
	if err != nil || string(got) != "second" {
		t.Errorf("after opening anew: got %q, %v", got, err)
	}
}
