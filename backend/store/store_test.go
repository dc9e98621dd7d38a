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
		Migrations: []string{`CREATE TABLE escrow (handle BLOB PRIMARY KEY, minor INTEGER NOT NULL) STRICT`},
	}
}

func open(t *testing.T, cfg store.Config) *store.SQLite {
	t.Helper()
	s, err := store.OpenSQLite(t.Context(), cfg)
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

func TestBookInSQLite(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledgertest.Books { return books{open(t, config(t))} })
}

func TestOnce(t *testing.T) {
	s := open(t, config(t))
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
	if got, err := store.Once(t.Context(), s, key, answer([]byte("lost"), stop)); !errors.Is(err, stop) {
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
	if got, err := store.Once(t.Context(), s, key, answer(nil, nil)); !errors.Is(err, store.ErrKeyReused) {
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

func TestRepeat(t *testing.T) {
	type request struct{ Nonce, Text string }
	type answer struct{ Run int }
	s := open(t, config(t))
	runs := 0
	act := func(store.Tx) (answer, error) {
		runs++
		if runs == 1 {
			return answer{Run: runs}, errors.New("stop")
		}
		return answer{Run: runs}, nil
	}
	tests := []struct {
		name, op string
		request  request
		want     int // 0 for an error
	}{
		{"failing act", "a", request{"1", "x"}, 0},
		{"after the failure", "a", request{"1", "x"}, 2},
		{"the same again", "a", request{"1", "x"}, 2},
		{"another request", "a", request{"2", "x"}, 3},
		{"another operation", "b", request{"1", "x"}, 4},
		{"the first once more", "a", request{"1", "x"}, 2},
	}
	for _, test := range tests {
		got, err := store.Repeat(t.Context(), s, test.op, test.request, act)
		if got.Run != test.want || (err != nil) != (test.want == 0) {
			t.Errorf("%s: got answer %d, %v, want %d", test.name, got.Run, err, test.want)
		}
	}
	if _, err := store.Repeat(t.Context(), s, "a", make(chan int), act); err == nil {
		t.Error("a request that JSON can't hold was answered")
	}
}
