package wallettest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"tapbench/backend/store"
)

// Snapshot says what every party remembers, in a form that can be compared: for each table of bank
// and TSM its rows' number and a hash over them, and a hash each of the element's state and of the
// wallet's file.
type Snapshot map[string]string

// Snapshot takes a snapshot of all parties.
func (s *System) Snapshot(t testing.TB) Snapshot {
	t.Helper()
	shot := Snapshot{}
	tables(t, s.BankDB, "bank", shot)
	tables(t, s.TSMDB, "TSM", shot)
	shot["element"] = fmt.Sprintf("%x", sha256.Sum256(s.Element.State))
	raw, err := os.ReadFile(filepath.Join(s.Dir, "wallet", "wallet.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		check(t, err)
	}
	shot["wallet"] = fmt.Sprintf("%x", sha256.Sum256(raw))
	return shot
}

func tables(t testing.TB, db store.Store, party string, shot Snapshot) {
	t.Helper()
	check(t, db.View(context.Background(), func(tx store.Tx) error {
		names, err := lines(tx, `SELECT name FROM sqlite_master WHERE type = 'table'`)
		if err != nil {
			return err
		}
		for _, name := range names {
			rows, err := lines(tx, `SELECT * FROM "`+name+`"`)
			if err != nil {
				return err
			}
			shot[party+" "+name] = fmt.Sprintf("%d rows, %x", len(rows),
				sha256.Sum256(fmt.Append(nil, rows)))
		}
		return nil
	}))
}

// lines returns a query's rows as text.
func lines(tx store.Tx, query string) (out []string, err error) {
	rows, err := tx.QueryContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		line := ""
		for i, v := range values {
			if i > 0 {
				line += "|"
			}
			line += fmt.Sprint(*v.(*any))
		}
		out = append(out, line)
	}
	return out, rows.Err()
}
