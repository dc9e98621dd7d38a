package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/ledger/ledgertest"
	"tapbench/backend/store"
)

// config is a bank's store in a folder of its own, with one table of the bank's.
func config(t *testing.T) store.Config {
	t.Helper()
	return store.Config{
		Path: filepath.Join(t.TempDir(), "bank.db"), Role: "bank", Party: "BKA4KD2Q",
		Migrations: []string{
			`CREATE TABLE escrow (handle BLOB PRIMARY KEY, minor INTEGER NOT NULL) STRICT`,
		},
	}
}

func open(t *testing.T, cfg store.Config) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// books runs the ledger's contract suite on a store.
type books struct{ store.Store }

func (b books) Update(ctx context.Context, step func(ledger.Book) error) error {
	return b.Tx(ctx, func(tx store.Tx) error { return step(tx) })
}

func TestSQLite(t *testing.T) { contract(t, config) }

// contract has what every store must do.
func contract(t *testing.T, config func(*testing.T) store.Config) {
	t.Run("the ledger's book", func(t *testing.T) {
		ledgertest.Run(t, func(t *testing.T) ledgertest.Books { return books{open(t, config(t))} })
	})
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Config)
	}{
		{"once", testOnce},
		{"a step is undone", testTxUndoes},
		{"close", testClose},
		{"nothing changes", testNothingChanges},
		{"once by many", testConcurrentOnce},
		{"refusals", testOpenRefuses},
		{"new migrations", testNewMigrations},
		{"in use", testOpenInUse},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, config(t)) })
	}
}

func testOnce(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	key := store.Key{Op: "bank/test", ID: []byte("1"), Request: [32]byte{1}}
	runs := 0
	answer := func(reply []byte, err error) func(store.Tx) ([]byte, error) {
		return func(tx store.Tx) ([]byte, error) {
			runs++
			if _, err := tx.ExecContext(t.Context(),
				`INSERT INTO escrow (handle, minor) VALUES ($1, $2)`, []byte{byte(runs)}, 7); err != nil {
				return nil, err
			}
			return reply, err
		}
	}
	stop := errors.New("stop")
	got, err := store.Once(t.Context(), s, key, answer([]byte("lost"), stop))
	if !errors.Is(err, stop) {
		t.Errorf("failing act: got %q, %v", got, err)
	}
	for range 3 {
		got, err := store.Once(t.Context(), s, key, answer([]byte("first"), nil))
		if err != nil || string(got) != "first" {
			t.Errorf("got %q, %v, want the first answer", got, err)
		}
	}
	if runs != 2 {
		t.Errorf("act ran %d times, want once and once again after the failure", runs)
	}
	key.Request[0]++
	got, err = store.Once(t.Context(), s, key, answer(nil, nil))
	if !errors.Is(err, store.ErrKeyReused) {
		t.Errorf("another request under the key: got %q, %v", got, err)
	}
	key.ID = []byte("2")
	for range 2 {
		if got, err := store.Once(t.Context(), s, key, answer(nil, nil)); err != nil || len(got) != 0 {
			t.Errorf("empty answer: got %q, %v", got, err)
		}
	}
	if count := rows(t, s); count != 2 || runs != 3 {
		t.Errorf("%d rows after %d runs, want 2 after 3", count, runs)
	}
}

// rows counts the bank's own rows.
func rows(t *testing.T, s store.Store) (count int) {
	t.Helper()
	err := s.View(t.Context(), func(tx store.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT count(*) FROM escrow`).Scan(&count)
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}
