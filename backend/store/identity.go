package store

import (
	"context"
	"database/sql"
	_ "embed" // for schema.sql
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

//go:embed schema.sql
var schema string

const (
	// applicationID is "TAPB" (SQLite, "Database File Format" 1.3.15).
	applicationID = 0x54415042
	// layout is the user version: the number of schema.sql's layout.
	layout = 1
	// headerLen is the length of a SQLite file's header.
	headerLen = 100
	magic     = "SQLite format 3\x00"
)

// inspect looks at the header without SQLite. It returns false if there is no file, and
// [ErrForeign] or [ErrVersion] for a file that no store of this version may be.
func inspect(path string) (exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, unwritable(err)
	}
	if !info.Mode().IsRegular() {
		return true, fmt.Errorf("%w: not a regular file", ErrForeign)
	}
	f, err := os.Open(path)
	if err != nil {
		return true, unwritable(err)
	}
	header := make([]byte, headerLen)
	_, err = io.ReadFull(f, header)
	if closing := f.Close(); closing != nil {
		return true, closing
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true, fmt.Errorf("%w: not a SQLite file", ErrForeign)
	case err != nil:
		return true, err
	case string(header[:len(magic)]) != magic:
		return true, fmt.Errorf("%w: not a SQLite file", ErrForeign)
	}
	if id := binary.BigEndian.Uint32(header[68:]); id != applicationID {
		return true, fmt.Errorf("%w: application ID %#x", ErrForeign, id)
	}
	if v := binary.BigEndian.Uint32(header[60:]); v != layout {
		return true, fmt.Errorf("%w: layout %d, this tapbench writes %d", ErrVersion, v, layout)
	}
	return true, nil
}

// identify reads whose store a file is, without write access to it, and compares.
func identify(ctx context.Context, cfg Config) (err error) {
	query := url.Values{"mode": {"ro"}}
	if info, err := os.Stat(cfg.Path + "-wal"); err != nil || info.Size() == 0 {
		query.Set("immutable", "1") // all is in the file, so SQLite need make no other
	}
	db, err := sql.Open("sqlite", dsn(cfg.Path, query))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for name, want := range cfg.owner() {
		var got string
		row := db.QueryRowContext(ctx, `SELECT value FROM store_meta WHERE name = $1`, name)
		if err := row.Scan(&got); err != nil {
			return fmt.Errorf("reading its %s: %w", name, classify(err))
		}
		if got != want {
			return fmt.Errorf("%w: its %s is %q, not %q", ErrForeign, name, got, want)
		}
	}
	return nil
}

// create makes an empty store beside its place and moves it there. The caller holds the lock.
func create(ctx context.Context, cfg Config) error {
	draft := cfg.Path + ".new"
	for _, stale := range []string{draft, draft + "-journal"} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(err)
		}
	}
	f, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unwritable(err)
	}
	if err := f.Close(); err != nil {
		return unwritable(err)
	}
	if err := fill(ctx, draft, cfg); err != nil {
		return errors.Join(classify(err), os.Remove(draft))
	}
	if err := os.Rename(draft, cfg.Path); err != nil {
		return errors.Join(unwritable(err), os.Remove(draft))
	}
	return syncFolder(filepath.Dir(cfg.Path))
}

// fill writes layout and owner into an empty file and closes it.
func fill(ctx context.Context, draft string, cfg Config) (err error) {
	db, err := sql.Open("sqlite", dsn(draft, url.Values{
		"_pragma": {"synchronous(FULL)", fmt.Sprintf("application_id(%d)", applicationID)},
	}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	for name, value := range cfg.owner() {
		const insert = `INSERT INTO store_meta (name, value) VALUES ($1, $2)`
		if _, err := tx.ExecContext(ctx, insert, name, value); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", layout)); err != nil {
		return err
	}
	return tx.Commit()
}

// syncFolder makes a rename in it durable.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// dsn returns the driver's name for a file, whichever characters its path has.
func dsn(path string, query url.Values) string {
	u := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	return u.String()
}
