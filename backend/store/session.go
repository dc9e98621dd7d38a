package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxPrepared is how many statements a session keeps prepared. Parties have fewer than a hundred.
const maxPrepared = 512

// session is one connection and the statements that are prepared on it. It belongs to one caller at
// a time.
type session struct {
	engine
	db       *sql.DB
	conn     *sql.Conn
	prepared map[string]statement
}

// newSession takes a connection of a pool for good.
func newSession(ctx context.Context, db *sql.DB, e engine) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &session{engine: e, db: db, conn: conn, prepared: make(map[string]statement)}, nil
}

// prepare returns a statement that is ready to run. Its text stands for it.
func (s *session) prepare(ctx context.Context, query string) (statement, error) {
	if p, ok := s.prepared[query]; ok {
		return p, nil
	}
	if len(s.prepared) >= maxPrepared {
		for _, p := range s.prepared {
			_ = p.stmt.Close() // it only gives memory back
		}
		clear(s.prepared)
	}
	text, order := s.arguments(query)
	stmt, err := s.conn.PrepareContext(ctx, text)
	p := statement{stmt, order}
	if err == nil {
		s.prepared[query] = p
	}
	return p, err
}

// control runs a statement that is no step's.
func (s *session) control(ctx context.Context, query string) error {
	p, err := s.prepare(ctx, query)
	if err == nil {
		_, err = p.exec(ctx, nil)
	}
	return s.checked(err)
}

// checked puts [ErrLost] in front of an error after which the connection is gone.
func (s *session) checked(err error) error {
	if err != nil && s.gone(s.conn) {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return err
}

// close closes the connection. What is said about one that was lost before is no news.
func (s *session) close() error {
	lost := s.gone(s.conn)
	var errs []error
	for _, p := range s.prepared {
		errs = append(errs, p.stmt.Close())
	}
	errs = append(errs, s.conn.Close())
	if lost {
		return nil
	}
	return errors.Join(errs...)
}

// discard closes a connection that may be in the midst of something.
func (s *session) discard() {
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
}
