package columns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver
)

// ErrNotStore means that a file isn't a database of ours.
var ErrNotStore = errors.New("not a party's store")

// Type is how a value is stored. NULL is no value.
type Type int

// The types of SQLite's values.
const (
	Integer Type = iota + 1
	Real
	Text
	Blob
)

// Column is one column of a table.
type Column struct{ Table, Name string }

// String returns the name as SQL has it, such as "users.user_id".
func (c Column) String() string { return c.Table + "." + c.Name }

// Cell is one value.
type Cell struct {
	Column
	Row  int64 // from 1, in the order of reading
	Type Type
	// Value is the value's bytes; of a number its decimal digits.
	Value []byte
}

// Store is an open file.
type Store struct {
	db      *sql.DB
	path    string
	columns []Column
}

// Open opens a stopped party's store read-only and reads its schema. What isn't a database is
// [ErrNotStore].
func Open(ctx context.Context, path string) (*Store, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	source := url.URL{Scheme: "file", Path: absolute, RawQuery: url.Values{
		"mode": {"ro"}, "_pragma": {"query_only(ON)", "busy_timeout(5000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", source.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	s := &Store{db: db, path: path}
	if err := s.readSchema(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrNotStore, path, err), db.Close())
	}
	return s, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Columns returns all columns of all tables, in the order of their names and definitions.
func (s *Store) Columns() []Column { return s.columns }

func (s *Store) readSchema(ctx context.Context) (err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT m.name, c.name FROM sqlite_schema AS m,
		pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Table, &c.Name); err != nil {
			return err
		}
		s.columns = append(s.columns, c)
	}
	return rows.Err()
}

// Each visits all values, table by table and row by row. An error of visit's ends it.
func (s *Store) Each(ctx context.Context, visit func(Cell) error) error {
	for from := 0; from < len(s.columns); {
		to := from + 1
		for to < len(s.columns) && s.columns[to].Table == s.columns[from].Table {
			to++
		}
		if err := s.eachRow(ctx, s.columns[from:to], visit); err != nil {
			return fmt.Errorf("reading %s, table %s: %w", s.path, s.columns[from].Table, err)
		}
		from = to
	}
	return nil
}

// eachRow visits the values of one table.
func (s *Store) eachRow(
	ctx context.Context, table []Column, visit func(Cell) error,
) (err error) {
	names := make([]string, len(table))
	for i, c := range table {
		names[i] = quote(c.Name)
	}
	rows, err := s.db.QueryContext(ctx,
		//nolint:gosec // the names are the schema's own, and quoted
		"SELECT "+strings.Join(names, ", ")+" FROM "+quote(table[0].Table))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values, into := make([]any, len(table)), make([]any, len(table))
	for i := range values {
		into[i] = &values[i]
	}
	for row := int64(1); rows.Next(); row++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range values {
			cell := Cell{Column: table[i], Row: row}
			if cell.Type, cell.Value = read(value); cell.Type == 0 {
				continue
			}
			if err := visit(cell); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// read returns a value as its bytes.
func read(value any) (Type, []byte) {
	switch v := value.(type) {
	case nil:
		return 0, nil
	case int64:
		return Integer, strconv.AppendInt(nil, v, 10)
	case float64:
		return Real, strconv.AppendFloat(nil, v, 'g', -1, 64)
	case string:
		return Text, []byte(v)
	case []byte:
		return Blob, v
	default: // the driver makes dates of columns that are declared so
		return Text, fmt.Append(nil, v)
	}
}

// quote writes a name as an SQL identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
