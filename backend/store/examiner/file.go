package examiner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// ErrForeign means that a file isn't the store of a bank or a TSM.
var ErrForeign = errors.New("not a party's store")

// openFile opens a stopped party's store read-only and returns its role and its party's ID.
func openFile(ctx context.Context, path string) (db *sql.DB, role, party string, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, "", "", fmt.Errorf("examining %s: %w", path, err)
	}
	source := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"mode": {"ro"}, "_pragma": {"query_only(ON)", "busy_timeout(5000)"},
	}.Encode()}
	db, err = sql.Open("sqlite", source.String())
	if err != nil {
		return nil, "", "", fmt.Errorf("examining %s: %w", path, err)
	}
	err = each(ctx, db, `SELECT name, value FROM store_meta`, func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		switch name {
		case "role":
			role = value
		case "party":
			party = value
		}
		return err
	})
	if err == nil && (role != roleBank && role != roleTSM || party == "") {
		err = ErrForeign
	}
	if err != nil {
		return nil, "", "", errors.Join(fmt.Errorf("examining %s: %w", path, err), db.Close())
	}
	return db, role, party, nil
}

// The roles whose stores are examined.
const (
	roleBank = "bank"
	roleTSM  = "tsm"
)
