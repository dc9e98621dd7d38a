package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Postgres is a [Store] in one schema of a PostgreSQL database.
type Postgres struct{ *core }

var _ Store = Postgres{}

// IsPostgres reports whether a store's path is the URL of a PostgreSQL database.
func IsPostgres(path string) bool {
	return strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://")
}

// OpenPostgres opens a party's store in a PostgreSQL database, which must be there: Path is its
// URL, such as postgres://user@host:5432/bank or postgres://user@/bank?host=/run/postgresql. It
// works in the first schema of the search path and makes the store where that schema is empty. The
// checks, in this order:
//   - the server answers and lets the user in ([ErrUnreachable]);
//   - it takes writes ([ErrReadOnly]) and every commit waits for the disk;
//   - the schema is empty or a tapbench store of this layout ([ErrVersion]), of this role and party
//     ([ErrForeign]);
//   - no other process has it open ([ErrInUse]);
//   - its migrations are the first ones of the party's ([ErrVersion]).
//
// A store that fails one of them isn't changed. The error names the database without its password.
func OpenPostgres(ctx context.Context, cfg Config) (Postgres, error) {
	name := "the PostgreSQL database"
	if u, err := url.Parse(cfg.Path); err == nil {
		name = u.Redacted()
	}
	s, err := openPostgres(ctx, cfg)
	if err != nil {
		return Postgres{}, fmt.Errorf("opening store %s: %w", name, oneLine(err))
	}
	return Postgres{s}, nil
}

func openPostgres(ctx context.Context, cfg Config) (*core, error) {
	if cfg.Role == "" || cfg.Party == "" {
		return nil, errNobody
	}
	config, err := pgx.ParseConfig(cfg.Path)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	config.RuntimeParams["application_name"] = applicationName + strconv.Itoa(os.Getpid())
	config.RuntimeParams["synchronous_commit"] = "on"
	s := &core{engine: postgresEngine{}, release: func() error { return nil }}
	if err := s.startPostgres(ctx, cfg, config); err != nil {
		return nil, errors.Join(classified(s.engine, err), s.Close())
	}
	return s, nil
}

func (s *core) startPostgres(ctx context.Context, cfg Config, config *pgx.ConnConfig) error {
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(1)
	var err error
	if s.writer, err = newWriter(ctx, s.db, s.engine); err != nil {
		return err
	}
	conn := s.writer.conn
	if err := checkServer(ctx, conn); err != nil {
		return err
	}
	if _, err := inspectSchema(ctx, conn, cfg); err != nil {
		return err
	}
	if err := lockSchema(ctx, conn); err != nil {
		return err
	}
	exists, err := inspectSchema(ctx, conn, cfg)
	if err != nil {
		return err
	}
	if !exists {
		if err := createSchema(ctx, conn, cfg); err != nil {
			return err
		}
	}
	if err := migrate(ctx, conn, s.engine, cfg.Migrations); err != nil {
		return err
	}
	reading := config.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	reader := stdlib.OpenDB(*reading)
	reader.SetMaxOpenConns(readers)
	s.views = newViews(reader, s.engine)
	return nil
}

// checkServer reads back what durability rests on.
func checkServer(ctx context.Context, conn *sql.Conn) error {
	for _, setting := range []struct {
		name, want string
		sentinel   error
	}{
		{"transaction_read_only", "off", ErrReadOnly},
		{"synchronous_commit", "on", errSetting},
		{"fsync", "on", errSetting},
		{"full_page_writes", "on", errSetting},
		{"server_encoding", "UTF8", errSetting},
	} {
		var got string
		err := conn.QueryRowContext(ctx, `SELECT current_setting($1)`, setting.name).Scan(&got)
		if err != nil {
			return err
		}
		if got != setting.want {
			return fmt.Errorf("%w: PostgreSQL's %s is %s, not %s",
				setting.sentinel, setting.name, got, setting.want)
		}
	}
	return nil
}

// errSetting means that a server's setting could lose or alter what was written.
var errSetting = errors.New("the server isn't safe for a store")

// inspectSchema says whether there is a store, and returns [ErrForeign] or [ErrVersion] for one
// that isn't the party's and for a schema that holds other tables.
func inspectSchema(ctx context.Context, conn *sql.Conn, cfg Config) (exists bool, err error) {
	var tables int
	err = conn.QueryRowContext(ctx, `SELECT count(*),
		coalesce(bool_or(relname = 'store_meta' AND relkind = 'r'), false)
		FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema()))`).
		Scan(&tables, &exists)
	if err != nil {
		return false, err
	}
	if !exists {
		if tables > 0 {
			return false, fmt.Errorf("%w: the schema holds other tables", ErrForeign)
		}
		return false, nil
	}
	for name, want := range cfg.postgresOwner() {
		var got string
		err := conn.QueryRowContext(ctx, `SELECT value FROM store_meta WHERE name = $1`, name).Scan(&got)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return true, fmt.Errorf("%w: it doesn't say its %s", ErrForeign, name)
		case err != nil:
			return true, fmt.Errorf("reading its %s: %w", name, err)
		case got != want && name == "layout":
			return true, fmt.Errorf("%w: layout %s, this tapbench writes %s", ErrVersion, got, want)
		case got != want:
			return true, fmt.Errorf("%w: its %s is %q, not %q", ErrForeign, name, got, want)
		}
	}
	return true, nil
}

// postgresOwner is what the store must say about itself.
func (c Config) postgresOwner() map[string]string {
	owner := c.owner()
	owner["layout"] = strconv.Itoa(layout)
	return owner
}

// applicationName begins what pg_stat_activity shows of a process that has a store open.
const applicationName = "tapbench "

// lockKey is the number of a schema's advisory lock.
const lockKey = `hashtextextended('tapbench ' || current_schema(), 0)`

// lockPatience is how long the server may take to notice that the process before has ended.
const lockPatience = "1s"

// lockSchema takes the schema for this connection. The server frees it when the connection ends,
// and with it the process's only way to write.
func lockSchema(ctx context.Context, conn *sql.Conn) error {
	for _, query := range []string{
		`SET lock_timeout = '` + lockPatience + `'`,
		`SELECT pg_advisory_lock(` + lockKey + `)`,
		`RESET lock_timeout`,
	} {
		_, err := conn.ExecContext(ctx, query)
		if errors.Is((postgresEngine{}).sentinel(err), ErrInUse) {
			return holdsSchema(ctx, conn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holdsSchema returns [ErrInUse] with the process that has the lock, as far as the server tells.
func holdsSchema(ctx context.Context, conn *sql.Conn) error {
	var holder string
	err := conn.QueryRowContext(ctx, `SELECT a.application_name
		FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = a.datid
		AND (l.classid::bigint << 32 | l.objid::bigint) = `+lockKey).Scan(&holder)
	if pid, ok := strings.CutPrefix(holder, applicationName); err == nil && ok {
		return fmt.Errorf("%w by process %s", ErrInUse, pid)
	}
	return ErrInUse
}

// createSchema makes an empty store, whole or not at all.
func createSchema(ctx context.Context, conn *sql.Conn, cfg Config) error {
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // after Commit it does nothing
	if _, err := t.ExecContext(ctx, refuseFunction); err != nil {
		return err
	}
	if err := (postgresEngine{}).script(ctx, t, schema); err != nil {
		return err
	}
	for name, value := range cfg.postgresOwner() {
		const insert = `INSERT INTO store_meta (name, value) VALUES ($1, $2)`
		if _, err := t.ExecContext(ctx, insert, name, value); err != nil {
			return err
		}
	}
	return t.Commit()
}

// oneLine keeps an error within one line, whatever the driver says.
func oneLine(err error) error {
	text := err.Error()
	if !strings.Contains(text, "\n") {
		return err
	}
	return shortError{err, strings.Join(strings.Fields(text), " ")}
}

// shortError is an error with another text.
type shortError struct {
	error
	text string
}

func (e shortError) Error() string { return e.text }
func (e shortError) Unwrap() error { return e.error }
