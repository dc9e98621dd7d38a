package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Config says which store to open.
type Config struct {
	// Path is the file; it is made if it isn't there, its folder isn't.
	Path string
	// Role and Party say whose store it is, such as "bank" and "BKA4KD2Q". Both are fixed when the
	// file is made.
	Role, Party string
	// Migrations are the SQL texts that make the party's tables, oldest first. A text that was
	// applied once never changes again; what comes later is appended.
	Migrations []string
}

// owner returns what the file must say about itself.
func (c Config) owner() map[string]string {
	return map[string]string{"role": c.Role, "party": c.Party}
}

// readers is how many views may run at once.
const readers = 4

// SQLite is a [Store] in one SQLite file.
type SQLite struct {
	lock   *os.File
	writer *sql.DB // one connection, so one step at a time
	reader *sql.DB
	commit func(*sql.Tx) error

	// use is held for reading by every step and view, for writing by Close.
	use    sync.RWMutex
	closed bool
	// uncertain is set when a commit failed in a way that leaves its outcome open.
	uncertain atomic.Bool
}

var _ Store = (*SQLite)(nil)

// OpenSQLite opens a party's store and applies the migrations that it lacks. The checks, in this
// order:
//   - the file, if there is one, is a tapbench store ([ErrForeign]) of this layout ([ErrVersion]);
//   - no other process has it open ([ErrInUse]);
//   - it is this role's and this party's ([ErrForeign]);
//   - it can be written to ([ErrReadOnly]) and SQLite has taken every setting;
//   - its migrations are the first ones of the party's ([ErrVersion]).
//
// A file that fails one of them isn't changed. The error names the file.
func OpenSQLite(ctx context.Context, cfg Config) (*SQLite, error) {
	path, err := resolve(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", cfg.Path, err)
	}
	cfg.Path = path
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*SQLite, error) {
	if cfg.Role == "" || cfg.Party == "" {
		return nil, errors.New("a store needs a role and a party")
	}
	if _, err := inspect(cfg.Path); err != nil {
		return nil, err // before the lock, so that nothing appears beside a stranger's file
	}
	held, err := lock(cfg.Path)
	if err != nil {
		return nil, err
	}
	s := &SQLite{lock: held, commit: (*sql.Tx).Commit}
	if err := s.start(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *SQLite) start(ctx context.Context, cfg Config) error {
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
	if s.writer, err = connect(ctx, cfg.Path, "immediate", 1); err != nil {
		return err
	}
	if err := migrate(ctx, s.writer, cfg.Migrations); err != nil {
		return classify(err)
	}
	s.reader, err = connect(ctx, cfg.Path, "deferred", readers)
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
			"trusted_schema(OFF)",
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

// Tx implements [Store].
func (s *SQLite) Tx(ctx context.Context, step func(Tx) error) error {
	return s.run(ctx, func() *sql.DB { return s.writer }, step, s.finish)
}

// View implements [Store].
func (s *SQLite) View(ctx context.Context, read func(Tx) error) error {
	return s.run(ctx, func() *sql.DB { return s.reader }, read, (*sql.Tx).Rollback)
}

func (s *SQLite) run(
	ctx context.Context, db func() *sql.DB, step func(Tx) error, end func(*sql.Tx) error,
) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if s.uncertain.Load() {
		return ErrUncertain
	}
	t, err := db().BeginTx(ctx, nil)
	if err != nil {
		return classify(err)
	}
	defer func() { _ = t.Rollback() }() // does nothing after the end, undoes a step that panics
	if err := step(tx{t}); err != nil {
		return classify(err)
	}
	return end(t)
}

// finish commits. Whether a step remains is known after a full disk, a held lock or a cancelled
// context: it doesn't. After any other failure it isn't known.
func (s *SQLite) finish(t *sql.Tx) error {
	err := classify(s.commit(t))
	switch {
	case err == nil, errors.Is(err, ErrFull), errors.Is(err, ErrInUse), errors.Is(err, sql.ErrTxDone),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		s.uncertain.Store(true)
		return fmt.Errorf("%w: %w", ErrUncertain, err)
	}
}

// Close implements [Store].
func (s *SQLite) Close() error {
	s.use.Lock()
	defer s.use.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} { // the last one empties the WAL
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

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
