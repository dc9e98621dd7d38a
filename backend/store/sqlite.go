package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// cacheKiB is the memory for pages, of the writer and of all readers together, in KiB. The index
	// of a million accounts fits.
	cacheKiB = 64 << 10
	// checkpointPages is how long the WAL grows before its pages are copied into the file: 16 MiB. A
	// page that many payments write is copied once.
	checkpointPages = 4096
)

// readers is how many views may run at once.
const readers = 4

// SQLite is a [Store] in one SQLite file.
type SQLite struct{ *core }

var _ Store = SQLite{}

// OpenSQLite opens a party's store and applies the migrations that it lacks. The checks, in this
// order:
//   - the file, if there is one, is a tapbench store ([ErrForeign]) of this layout ([ErrVersion]);
//   - no other process has it open ([ErrInUse]);
//   - it is this role's and this party's ([ErrForeign]);
//   - it can be written to ([ErrReadOnly]) and SQLite has taken every setting;
//   - its migrations are the first ones of the party's ([ErrVersion]).
//
// A file that fails one of them isn't changed. The error names the file.
func OpenSQLite(ctx context.Context, cfg Config) (SQLite, error) {
	path, err := resolve(cfg.Path)
	if err != nil {
		return SQLite{}, fmt.Errorf("opening store %s: %w", cfg.Path, err)
	}
	cfg.Path = path
	s, err := open(ctx, cfg)
	if err != nil {
		return SQLite{}, fmt.Errorf("opening store %s: %w", path, err)
	}
	return SQLite{s}, nil
}

func open(ctx context.Context, cfg Config) (*core, error) {
	if cfg.Role == "" || cfg.Party == "" {
		return nil, errNobody
	}
	if _, err := inspect(cfg.Path); err != nil {
		return nil, err // before the lock, so that nothing appears beside a stranger's file
	}
	held, err := lock(cfg.Path)
	if err != nil {
		return nil, err
	}
	s := &core{engine: sqliteEngine{}, release: held.Close}
	if err := s.startSQLite(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *core) startSQLite(ctx context.Context, cfg Config) error {
	exists, err := inspect(cfg.Path)
	if err != nil {
		return err
	}
	if !exists {
		if err := create(ctx, cfg); err != nil {
			return err
		}
	}
	if err := identify(ctx, cfg); err != nil {
		return err
	}
	if s.db, err = connect(ctx, cfg.Path, "immediate", 1); err != nil {
		return err
	}
	if err := migrate(ctx, s.db, s.engine, cfg.Migrations); err != nil {
		return classify(err)
	}
	reader, err := connect(ctx, cfg.Path, "deferred", readers)
	if err != nil {
		return err
	}
	s.views = newViews(reader, s.engine)
	s.writer, err = newWriter(ctx, s.db, s.engine)
	return err
}

// connect opens connections and reads back what they were told.
func connect(ctx context.Context, path, begin string, connections int) (*sql.DB, error) {
	query := url.Values{
		"mode":       {"rw"},
		"_txlock":    {begin},
		"_defensive": {"1"},
		"_dqs":       {"0"},
		"_error_rc":  {"1"},
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
			"trusted_schema(OFF)", "temp_store(MEMORY)",
			fmt.Sprintf("cache_size(-%d)", cacheKiB/connections),
			fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages),
		},
	}
	if begin == "deferred" {
		query.Add("_pragma", "query_only(ON)")
	}
	db, err := sql.Open("sqlite", dsn(path, query))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	settings := []struct{ name, want string }{
		{"journal_mode", "wal"},
		{"synchronous", "2"},
		{"foreign_keys", "1"},
		{"busy_timeout", "5000"},
		{"trusted_schema", "0"},
		{"temp_store", "2"},
	}
	for _, setting := range settings {
		var got string
		err := db.QueryRowContext(ctx, "PRAGMA "+setting.name).Scan(&got)
		if err == nil && got != setting.want {
			err = fmt.Errorf("SQLite answers %s for %s, not %s", got, setting.name, setting.want)
		}
		if err != nil {
			return nil, errors.Join(classify(err), db.Close())
		}
	}
	return db, nil
}

// sqliteEngine is SQLite as an [engine].
type sqliteEngine struct{}

func (sqliteEngine) begin() string { return "BEGIN IMMEDIATE" }

func (sqliteEngine) farewell() string { return "" }

func (sqliteEngine) arguments(query string) (string, []int) { return ordinal(query) }

func (sqliteEngine) view() string { return "BEGIN DEFERRED" }

func (sqliteEngine) complete(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

// undone implements [engine]: nothing remains after a full disk or a held lock.
func (e sqliteEngine) undone(err error) bool {
	s := e.sentinel(err)
	return errors.Is(s, ErrFull) || errors.Is(s, ErrInUse)
}

func (sqliteEngine) script(ctx context.Context, t *sql.Tx, text string) error {
	_, err := t.ExecContext(ctx, text)
	return err
}

func (sqliteEngine) gone(*sql.Conn) bool { return false }

func (sqliteEngine) sentinel(err error) error {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return nil
	}
	if failure.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // FILE-shm can't grow
		return ErrFull
	}
	switch failure.Code() & 0xFF {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrInUse
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return ErrReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	default:
		return nil
	}
}

// classify puts the sentinel in front of what SQLite reports.
func classify(err error) error { return classified(sqliteEngine{}, err) }

// resolve returns the file's own absolute path, so that no two names lead to two locks.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("no file is named")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(folder, filepath.Base(path)), err
}
