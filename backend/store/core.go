package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// engine is what differs between databases while a store is open.
type engine interface {
	// begin is the statement that begins a transaction that writes.
	begin() string
	// complete commits it.
	complete(ctx context.Context, conn *sql.Conn) error
	// farewell is the last statement before the connection is closed, "" for none.
	farewell() string
	// undone reports whether an error of complete says that nothing of the transaction remains.
	undone(err error) bool
	// sentinel returns what a database's error stands for, or nil.
	sentinel(err error) error
	// script runs a schema's statements, written in SQLite's dialect.
	script(ctx context.Context, t *sql.Tx, text string) error
	// gone reports, after an error, whether the connection has ended.
	gone(conn *sql.Conn) bool
	// arguments returns a query as the driver likes its arguments best, and their order: nil if
	// it is their own.
	arguments(query string) (text string, order []int)
	// view is the statement that begins a transaction that only reads.
	view() string
}

// Config says which store to open.
type Config struct {
	// Path is the file; it is made if it isn't there, its folder isn't. Or it is the URL of a
	// PostgreSQL database, postgres://user@host:port/database.
	Path string
	// Role and Party say whose store it is, such as "bank" and "BKA4KD2Q". Both are fixed when the
	// store is made.
	Role, Party string
	// Migrations are the SQL texts that make the party's tables, oldest first. A text that was
	// applied once never changes again; what comes later is appended. They are written in SQLite's
	// dialect, see the package's own text.
	Migrations []string
}

// owner returns what the file must say about itself.
func (c Config) owner() map[string]string {
	return map[string]string{"role": c.Role, "party": c.Party}
}

// Open opens a party's store with [OpenPostgres] if its path is a URL, else with [OpenSQLite].
func Open(ctx context.Context, cfg Config) (Store, error) {
	if IsPostgres(cfg.Path) {
		return OpenPostgres(ctx, cfg)
	}
	return OpenSQLite(ctx, cfg)
}

// core is what every store consists of.
type core struct {
	engine
	db      *sql.DB // of one connection, the writer's
	writer  *writer
	views   *views
	release func() error // lets other processes have the store

	// use is held for reading by every step and view, for writing by Close.
	use    sync.RWMutex
	closed bool
}

// Tx implements [Store].
func (s *core) Tx(ctx context.Context, step func(Tx) error) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return s.writer.do(ctx, step)
}

// View implements [Store].
func (s *core) View(ctx context.Context, read func(Tx) error) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if fault := s.writer.fault.Load(); fault != nil {
		return *fault
	}
	return s.views.run(ctx, read)
}

// Close implements [Store].
func (s *core) Close() error {
	s.use.Lock()
	defer s.use.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	if s.views != nil {
		errs = append(errs, s.views.close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.db != nil { // the last one empties the WAL
		errs = append(errs, s.db.Close())
	}
	return errors.Join(append(errs, s.release())...)
}
