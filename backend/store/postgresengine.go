package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresEngine is PostgreSQL as an [engine].
type postgresEngine struct{}

func (postgresEngine) begin() string { return "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE" }

// farewell frees the store's lock at once; a closed connection frees it when the server notices.
func (postgresEngine) farewell() string { return "SELECT pg_advisory_unlock_all()" }

func (postgresEngine) arguments(query string) (string, []int) { return query, nil }

func (postgresEngine) view() string { return "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" }

// errRolledBack means that the server answered a COMMIT with a ROLLBACK.
var errRolledBack = errors.New("the server rolled back")

// complete implements [engine]. PostgreSQL answers the COMMIT of a transaction that has failed with
// ROLLBACK and no error, so its answer is read.
func (postgresEngine) complete(ctx context.Context, conn *sql.Conn) error {
	return conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T isn't a connection of pgx", driver)
		}
		tag, err := c.Conn().Exec(ctx, "COMMIT")
		if err == nil && tag.String() != "COMMIT" {
			err = fmt.Errorf("%w: %s", errRolledBack, tag)
		}
		return err
	})
}

// undone implements [engine]: what the server reports as an error it has undone. When it ends the
// session instead, or is gone, nobody knows.
func (postgresEngine) undone(err error) bool {
	var failure *pgconn.PgError
	return errors.Is(err, errRolledBack) ||
		errors.As(err, &failure) && failure.SeverityUnlocalized == "ERROR"
}

// script implements [engine]. Only the simple protocol takes several statements at once.
func (postgresEngine) script(ctx context.Context, t *sql.Tx, text string) error {
	text, err := postgresSchema(text)
	if err == nil {
		_, err = t.ExecContext(ctx, text, pgx.QueryExecModeSimpleProtocol)
	}
	return err
}

// gone implements [engine].
func (postgresEngine) gone(conn *sql.Conn) bool {
	closed := true
	err := conn.Raw(func(driver any) error {
		if c, ok := driver.(*stdlib.Conn); ok {
			closed = c.Conn().IsClosed()
		}
		return nil
	})
	return closed || err != nil
}

// sentinel implements [engine] (PostgreSQL 15, appendix A, "PostgreSQL Error Codes").
func (postgresEngine) sentinel(err error) error {
	var unreachable *pgconn.ConnectError
	if errors.As(err, &unreachable) {
		return ErrUnreachable
	}
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return nil
	}
	switch failure.Code {
	case "53100": // disk_full
		return ErrFull
	case "25006", "42501": // read_only_sql_transaction, insufficient_privilege
		return ErrReadOnly
	case "XX001", "XX002": // data_corrupted, index_corrupted
		return ErrCorrupt
	case "40001", "40P01", "55P03": // a conflict, a deadlock, a lock that is not available
		return ErrInUse
	default:
		return nil
	}
}
