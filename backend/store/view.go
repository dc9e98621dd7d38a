package store

import (
	"context"
	"database/sql"
	"errors"
)

// views is the connections that only read.
type views struct {
	engine
	db *sql.DB
	// idle has as many places as views may run at once; nil stands for one that isn't connected.
	idle chan *session
}

func newViews(db *sql.DB, e engine) *views {
	v := &views{engine: e, db: db, idle: make(chan *session, readers)}
	for range readers {
		v.idle <- nil
	}
	return v
}

// run runs a view in a transaction of its own.
func (v *views) run(ctx context.Context, read func(Tx) error) error {
	var s *session
	select {
	case s = <-v.idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { v.idle <- s }()
	var err error
	if s == nil {
		if s, err = newSession(ctx, v.db, v.engine); err != nil {
			s = nil
			return classified(v.engine, err)
		}
	}
	plain := context.WithoutCancel(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	err = s.control(plain, v.view())
	defer func() {
		// Nothing was written, so nothing can be lost; a connection that can't end it is no good.
		if err := s.control(plain, "ROLLBACK"); err != nil {
			s.discard()
			s = nil
		}
	}()
	if err != nil {
		return classified(v.engine, err)
	}
	return classified(v.engine, read(tx{viewSQL{s}}))
}

// close closes the connections. No view runs any more.
func (v *views) close() error {
	var errs []error
	for range readers {
		if s := <-v.idle; s != nil {
			errs = append(errs, s.close())
		}
	}
	return errors.Join(append(errs, v.db.Close())...)
}

// viewSQL runs a view's statements. Those that return one row stay prepared.
type viewSQL struct{ *session }

// ExecContext implements [SQL]. The database refuses what writes.
func (s viewSQL) ExecContext(
	ctx context.Context, query string, args ...any,
) (sql.Result, error) {
	return s.conn.ExecContext(ctx, query, args...)
}

// QueryContext implements [SQL].
func (s viewSQL) QueryContext(
	ctx context.Context, query string, args ...any,
) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext implements [SQL]. One row is soon read: a context that ends stops the view before
// it, which costs less than to watch the context meanwhile.
func (s viewSQL) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return s.conn.QueryRowContext(ctx, query, args...) // says why
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.prepare(ctx, query)
	if err != nil {
		return s.conn.QueryRowContext(ctx, query, args...) // says the same again
	}
	return p.row(ctx, args)
}
