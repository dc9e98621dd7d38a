package columns_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/store/columns"
)

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage")
	if err := os.WriteFile(garbage, []byte("this is no database, and long enough"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"no file": filepath.Join(dir, "none"), "a folder": dir, "another file": garbage,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := columns.Open(t.Context(), path); !errors.Is(err, columns.ErrNotStore) {
				t.Errorf("got %v, want %v", err, columns.ErrNotStore)
			}
		})
	}
}

// written makes a database.
func written(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a %41 b.db") // a name that a URL would change
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestEach(t *testing.T) {
	path := written(t,
		`CREATE TABLE "odd ""name" (a TEXT, "order" BLOB, d DATE)`,
		`CREATE TABLE n (i INTEGER, r REAL, g INTEGER GENERATED ALWAYS AS (i * 2))`,
		`CREATE VIEW v AS SELECT i FROM n`,
		`INSERT INTO "odd ""name" VALUES ('x', x'00FF', '2026-11-21'), (NULL, x'', NULL)`,
		`INSERT INTO n (i, r) VALUES (-5, 0.5)`)
	store, err := columns.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	var got []string
	err = store.Each(t.Context(), func(c columns.Cell) error {
		got = append(got, fmt.Sprintf("%s %d %d %q", c.Column, c.Row, c.Type, c.Value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`n.i 1 1 "-5"`, `n.r 1 2 "0.5"`, `n.g 1 1 "-10"`,
		`odd "name.a 1 3 "x"`, `odd "name.order 1 4 "\x00\xff"`,
		`odd "name.d 1 3 "2026-11-21 00:00:00 +0000 UTC"`,
		`odd "name.order 2 4 ""`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(store.Columns()) != 6 {
		t.Errorf("columns: %v", store.Columns())
	}
}

func TestEachEndsWithTheVisitor(t *testing.T) {
	store, err := columns.Open(t.Context(), written(t, `CREATE TABLE t (a)`,
		`INSERT INTO t VALUES (1), (2)`))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	enough := errors.New("enough")
	n := 0
	err = store.Each(t.Context(), func(columns.Cell) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("got %v after %d values", err, n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Each(gone, func(columns.Cell) error { return nil }); err == nil {
		t.Error("read although nobody waits")
	}
}
