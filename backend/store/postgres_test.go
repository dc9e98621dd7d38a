package store_test

import (
	"errors"
	"strings"
	"testing"

	"tapbench/backend/store"
	"tapbench/backend/store/postgrestest"
)

// TestPostgres has what a running server can show.
func TestPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	place := func(t *testing.T) store.Config {
		cfg := config(t)
		cfg.Path = server.Place(t)
		return cfg
	}
	contract(t, place)
	t.Run("places", func(t *testing.T) { testPostgresRefuses(t, server) })
	t.Run("the server's errors", func(t *testing.T) { testPostgresSays(t, place(t)) })
	t.Run("killed processes", func(t *testing.T) { killRounds(t, place(t), crashRounds/2) })
}

// testPostgresRefuses has a row for each place that isn't to be opened.
func testPostgresRefuses(t *testing.T, server *postgrestest.Server) {
	place := func(statement string) func(*testing.T) string {
		return func(t *testing.T) string {
			path := server.Place(t)
			postgrestest.Exec(t, path, statement)
			return path
		}
	}
	tests := []struct {
		name string
		path func(*testing.T) string
		want error  // nil for any
		says string // what the error says
	}{
		{"a URL that isn't one", func(*testing.T) string {
			return "postgres://user:secret@host:port/db"
		}, nil, "port"},
		{"no server", func(t *testing.T) string {
			return "postgres://user:secret@/db?host=" + t.TempDir()
		}, store.ErrUnreachable, "user:xxxxx@/db"},
		{"no such database", func(*testing.T) string {
			return "postgres://postgres@/nowhere?host=" + server.Folder
		}, store.ErrUnreachable, "nowhere"},
		{"no such schema", func(*testing.T) string {
			return "postgres://postgres@/postgres?search_path=nowhere&host=" + server.Folder
		}, nil, "no schema"},
		{"somebody's tables", place(`CREATE TABLE diary (day date)`), store.ErrForeign, "other tables"},
		{
			"a table that only looks like ours", place(`CREATE TABLE store_meta (name text, value text)`),
			store.ErrForeign, "doesn't say",
		},
		{"a server that takes no writes", func(t *testing.T) string {
			return server.Place(t) + "&default_transaction_read_only=on"
		}, store.ErrReadOnly, "transaction_read_only"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t)
			cfg.Path = test.path(t)
			refused(t, cfg, test.want, test.says)
		})
	}
	t.Run("a layout from the future", func(t *testing.T) {
		cfg := config(t)
		cfg.Path = server.Place(t)
		made(t, &cfg)
		postgrestest.Exec(t, cfg.Path, `UPDATE store_meta SET value = '9' WHERE name = 'layout'`)
		refused(t, cfg, store.ErrVersion, "layout")
	})
}

func refused(t *testing.T, cfg store.Config, want error, says string) {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err == nil {
		t.Fatal("opened", s.Close())
	}
	if want != nil && !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "secret") ||
		!strings.Contains(text, says) {
		t.Errorf("not one line that says %q and no password: %q", says, text)
	}
}

// TestPostgresForgets starts a server that doesn't wait for its disk.
func TestPostgresForgets(t *testing.T) {
	server := postgrestest.Start(t, "fsync=off")
	cfg := config(t)
	cfg.Path = server.Place(t)
	refused(t, cfg, nil, "fsync is off")
}

// TestPostgresEnds ends the server between steps, and within one.
func TestPostgresEnds(t *testing.T) {
	server := postgrestest.Start(t)
	cfg := config(t)
	cfg.Path = server.Place(t)
	s := open(t, cfg)
	if err := s.Tx(t.Context(), insertEscrow(t, 1)); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	for range 2 {
		if err := s.Tx(t.Context(), insertEscrow(t, 2)); !errors.Is(err, store.ErrLost) {
			t.Errorf("a step without a server: got error %v, want %v", err, store.ErrLost)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	refused(t, cfg, store.ErrUnreachable, "")
	server.Launch(t)
	s = open(t, cfg)
	if err := s.Tx(t.Context(), func(tx store.Tx) error {
		err := insertEscrow(t, 3)(tx)
		server.Stop()
		return errors.Join(err, insertEscrow(t, 4)(tx))
	}); !errors.Is(err, store.ErrLost) {
		t.Errorf("a server that ends within a step: got error %v, want %v", err, store.ErrLost)
	}
	if err := s.View(t.Context(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrLost) {
		t.Errorf("a view after that: got error %v, want %v", err, store.ErrLost)
	}
	server.Launch(t)
	if count := rows(t, open(t, cfg)); count != 1 {
		t.Errorf("%d rows remain, want 1", count)
	}
}

// testPostgresSays lets the server report what no test can bring about.
func testPostgresSays(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	for code, want := range map[string]error{
		"disk_full": store.ErrFull, "insufficient_privilege": store.ErrReadOnly,
		"data_corrupted": store.ErrCorrupt, "deadlock_detected": store.ErrInUse,
	} {
		err := s.Tx(t.Context(), func(tx store.Tx) error {
			_ = insertEscrow(t, 1)(tx)
			_, _ = tx.ExecContext(t.Context(),
				`DO $$ BEGIN RAISE EXCEPTION 'a test' USING ERRCODE = '`+code+`'; END $$`)
			return nil
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", code, err, want)
		}
	}
	if count := rows(t, s); count != 0 {
		t.Errorf("%d rows remain", count)
	}
}
