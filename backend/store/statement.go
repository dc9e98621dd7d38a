package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// stepSQL runs one step's statements. A context that is cancelled stops the step between two
// statements and never within one, which would undo the steps beside it. After a statement that
// failed it runs no other.
type stepSQL struct {
	*writer
	failed error
}

// errFailed stands before the failure of a statement when the step tries another one.
var errFailed = errors.New("a statement of this step failed before")

// ready returns why no statement may run now.
func (s *stepSQL) ready(ctx context.Context) error {
	if s.failed != nil {
		return fmt.Errorf("%w: %w", errFailed, s.failed)
	}
	return ctx.Err()
}

// note keeps the first failure of a statement.
func (s *stepSQL) note(err error) error {
	err = s.checked(err)
	if err != nil && s.failed == nil {
		s.failed = err
	}
	return err
}

// outcome is what a step's own outcome comes to: a step whose statement failed has failed.
func (s *stepSQL) outcome(err error) error {
	if s.failed == nil {
		return classified(s, err)
	}
	if err == nil || errors.Is(err, errStopped) {
		err = s.failed
	}
	if errors.Is(s.failed, ErrLost) && !errors.Is(err, ErrLost) {
		err = fmt.Errorf("%w: %w", ErrLost, err)
	}
	return classified(s, err)
}

// ExecContext implements [SQL].
func (s *stepSQL) ExecContext(
	ctx context.Context, query string, args ...any,
) (sql.Result, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.prepare(ctx, query)
	if err != nil {
		return nil, s.note(err)
	}
	result, err := p.exec(ctx, args)
	return result, s.note(err)
}

// QueryContext implements [SQL]. Its statement isn't kept: while rows are open the same text may be
// asked again.
func (s *stepSQL) QueryContext(
	ctx context.Context, query string, args ...any,
) (*sql.Rows, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(context.WithoutCancel(ctx), query, args...)
	return rows, s.note(err)
}

// errStopped is what a row says that wasn't asked for, since a statement before it had failed.
var errStopped = context.Canceled

// QueryRowContext implements [SQL].
func (s *stepSQL) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if s.ready(ctx) != nil {
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		return s.db.QueryRowContext(stopped, query) // only a pool makes a row of an error
	}
	ctx = context.WithoutCancel(ctx)
	p, err := s.prepare(ctx, query)
	if err != nil {
		_ = s.note(err)
		return s.QueryRowContext(ctx, query)
	}
	row := p.row(ctx, args)
	_ = s.note(row.Err())
	return row
}
