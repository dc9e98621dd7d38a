package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/store"
)

// contents reads every file of a folder but the lock's, which says nothing.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".lock") || strings.HasSuffix(entry.Name(), "-shm") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil && entry.Type().IsRegular() {
			t.Fatal(err)
		}
		files[entry.Name()] = string(raw)
	}
	return files
}

// write puts a file where the store is to be.
func write(content string) func(*testing.T, *store.Config) {
	return func(t *testing.T, cfg *store.Config) {
		if err := os.WriteFile(cfg.Path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// other makes the store, closes it, and runs a statement on it as some other program may.
func other(statement string) func(*testing.T, *store.Config) {
	return func(t *testing.T, cfg *store.Config) {
		made(t, cfg)
		db, err := sql.Open("sqlite", cfg.Path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// made makes the store and closes it.
func made(t *testing.T, cfg *store.Config) {
	t.Helper()
	s, err := store.Open(t.Context(), *cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// after makes the store and then changes the configuration.
func after(change func(*store.Config)) func(*testing.T, *store.Config) {
	return func(t *testing.T, cfg *store.Config) {
		made(t, cfg)
		change(cfg)
	}
}

// killed leaves the store as a killed process does: with commits in the WAL only.
func killed(t *testing.T, cfg *store.Config) {
	s := open(t, *cfg)
	if err := s.Tx(t.Context(), insertEscrow(t, 1)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range contents(t, filepath.Dir(cfg.Path)) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Path = filepath.Join(dir, filepath.Base(cfg.Path))
	if info, err := os.Stat(cfg.Path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("the WAL is empty: %v", err)
	}
}

// insertEscrow is a step that adds one row to the bank's table.
func insertEscrow(t *testing.T, handle byte) func(store.Tx) error {
	return func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(),
			`INSERT INTO escrow (handle, minor) VALUES ($1, 7)`, []byte{handle})
		return err
	}
}

// TestOpenRefuses has a row for each file that isn't to be opened; none may be changed.
func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*testing.T, *store.Config)
		want    error // nil for any
	}{
		{"no file", func(_ *testing.T, c *store.Config) { c.Path = "" }, nil},
		{"no role", func(_ *testing.T, c *store.Config) { c.Role = "" }, nil},
		{"no party", func(_ *testing.T, c *store.Config) { c.Party = "" }, nil},
		{"no folder", func(_ *testing.T, c *store.Config) {
			c.Path = filepath.Join(filepath.Dir(c.Path), "none", "bank.db")
		}, fs.ErrNotExist},
		{"a folder", func(t *testing.T, c *store.Config) {
			if err := os.Mkdir(c.Path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, store.ErrForeign},
		{"an empty file", write(""), store.ErrForeign},
		{"a text", write("Dear diary"), store.ErrForeign},
		{"a long text", write(strings.Repeat("Dear diary ", 100)), store.ErrForeign},
		{"the beginning of a SQLite file", write("SQLite format 3\x00"), store.ErrForeign},
		{"another program's SQLite file", other("PRAGMA application_id = 7"), store.ErrForeign},
		{"a layout from the future", other("PRAGMA user_version = 2"), store.ErrVersion},
		{"another role's", after(func(c *store.Config) { c.Role = "tsm" }), store.ErrForeign},
		{"another party's", after(func(c *store.Config) { c.Party = "BKB4KD2Q" }), store.ErrForeign},
		{"another party's, whose process was killed", func(t *testing.T, c *store.Config) {
			killed(t, c)
			c.Party = "BKB4KD2Q"
		}, store.ErrForeign},
		{"nobody's", other("DELETE FROM store_meta"), nil},
		{"more migrations than known", after(func(c *store.Config) {
			c.Migrations = nil
		}), store.ErrVersion},
		{"another migration", after(func(c *store.Config) {
			c.Migrations[0] += " -- changed"
		}), store.ErrVersion},
		{"a migration that fails half-way", after(func(c *store.Config) {
			c.Migrations = append(c.Migrations, "CREATE TABLE a (b); CREATE TABLE escrow (b)")
		}), nil},
		{"a damaged file", func(t *testing.T, c *store.Config) {
			made(t, c)
			raw, err := os.ReadFile(c.Path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 100; i < len(raw); i++ {
				raw[i] = 0xAA
			}
			write(string(raw))(t, c)
		}, store.ErrCorrupt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t)
			dir := filepath.Dir(cfg.Path)
			test.prepare(t, &cfg)
			if cfg.Path != "" {
				dir = filepath.Dir(cfg.Path)
			}
			if _, err := os.Stat(dir); err != nil {
				dir = filepath.Dir(dir)
			}
			before := contents(t, dir)
			s, err := store.OpenSQLite(t.Context(), cfg)
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), cfg.Path) {
				t.Errorf("not one line that names the file: %q", err)
			}
			if test.name == "a migration that fails half-way" {
				return // the file itself may have grown by a header
			}
			if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
				t.Errorf("refused, and yet files changed (-before +after):\n%.2000s", diff)
			}
		})
	}
}

func testNewMigrations(t *testing.T, cfg store.Config) {
	made(t, &cfg)
	cfg.Migrations = append(cfg.Migrations, "CREATE TABLE a (b TEXT); CREATE TABLE escrow (b TEXT)")
	if _, err := store.Open(t.Context(), cfg); err == nil {
		t.Fatal("a failing migration was applied")
	}
	cfg.Migrations[1] = "CREATE TABLE a (b INTEGER); INSERT INTO a VALUES (1)"
	cfg.Migrations = append(cfg.Migrations, "INSERT INTO a VALUES (2)")
	for range 2 {
		s := open(t, cfg)
		var sum int
		if err := s.View(t.Context(), func(tx store.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT sum(b) FROM a`).Scan(&sum)
		}); err != nil || sum != 3 {
			t.Errorf("got sum %d, %v, want each migration once", sum, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// testOpenRefuses has a row for each store that isn't to be opened.
func testOpenRefuses(t *testing.T, cfg store.Config) {
	made(t, &cfg)
	tests := []struct {
		name   string
		change func(*store.Config)
		want   error // nil for any
	}{
		{"no role", func(c *store.Config) { c.Role = "" }, nil},
		{"no party", func(c *store.Config) { c.Party = "" }, nil},
		{"another role's", func(c *store.Config) { c.Role = "tsm" }, store.ErrForeign},
		{"another party's", func(c *store.Config) { c.Party = "BKB4KD2Q" }, store.ErrForeign},
		{"more migrations than known", func(c *store.Config) { c.Migrations = nil }, store.ErrVersion},
		{"another migration", func(c *store.Config) {
			c.Migrations = []string{c.Migrations[0] + " -- changed"}
		}, store.ErrVersion},
		{"a migration that fails half-way", func(c *store.Config) {
			c.Migrations = append(slices.Clone(c.Migrations),
				"CREATE TABLE a (b TEXT); CREATE TABLE escrow (b TEXT)")
		}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			refused := cfg
			test.change(&refused)
			s, err := store.Open(t.Context(), refused)
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), cfg.Path) {
				t.Errorf("not one line that names the store: %q", err)
			}
			if count := rows(t, open(t, cfg)); count != 0 {
				t.Errorf("refused, and yet %d rows", count)
			}
		})
	}
}

// testOpenInUse opens a store twice, and again after the first has closed it.
func testOpenInUse(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	_, err := store.Open(t.Context(), cfg)
	if !errors.Is(err, store.ErrInUse) ||
		!strings.HasSuffix(err.Error(), "by process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("got error %v, want %v by this process", err, store.ErrInUse)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, cfg)
}

func TestOpenInUse(t *testing.T) {
	cfg := config(t)
	open(t, cfg)
	link := cfg
	link.Path = filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(cfg.Path, link.Path); err != nil {
		t.Fatal(err)
	}
	for name, second := range map[string]store.Config{"the same name": cfg, "a link": link} {
		_, err := store.OpenSQLite(t.Context(), second)
		if !errors.Is(err, store.ErrInUse) {
			t.Fatalf("%s: got error %v, want %v", name, err, store.ErrInUse)
		}
		if pid := strconv.Itoa(os.Getpid()); !strings.HasSuffix(err.Error(), "by process "+pid) {
			t.Errorf("%s: %q doesn't name process %s", name, err, pid)
		}
	}
}

func TestOpenAfterAnInterruptedCreation(t *testing.T) {
	cfg := config(t)
	for _, stale := range []string{".new", ".new-journal", ".lock"} {
		if err := os.WriteFile(cfg.Path+stale, []byte("half a file"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made(t, &cfg)
	names := slices.Sorted(maps.Keys(contents(t, filepath.Dir(cfg.Path))))
	if diff := cmp.Diff([]string{"bank.db"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(cfg.Path); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v, %v, want a file for its owner alone", info.Mode(), err)
	}
}

func TestOpenAfterAKill(t *testing.T) {
	cfg := config(t)
	killed(t, &cfg)
	if count := rows(t, open(t, cfg)); count != 1 {
		t.Errorf("%d rows are left, want 1", count)
	}
}

// TestOpenAnyName uses characters that mean something in a SQLite URI.
func TestOpenAnyName(t *testing.T) {
	for _, name := range []string{
		"a b.db", "a?mode=memory.db", "a#b.db", "a%41.db", "ä&b=c;.db", ":memory:",
	} {
		cfg := config(t)
		cfg.Path = filepath.Join(filepath.Dir(cfg.Path), name)
		made(t, &cfg)
		got := slices.Collect(maps.Keys(contents(t, filepath.Dir(cfg.Path))))
		if diff := cmp.Diff([]string{name}, got); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", name, diff)
		}
	}
}
