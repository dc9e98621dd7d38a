package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute"
	"tapbench/backend/store"
)

// Schema is the table of openings, a part of the schema of a bank and of a TSM.
const Schema = `
CREATE TABLE openings (
	number    INTEGER PRIMARY KEY,
	subject   BLOB NOT NULL UNIQUE, -- what was opened
	head      BLOB NOT NULL,        -- what was signed
	signature BLOB NOT NULL
) STRICT;
`

// Signer signs with the party's own key.
type Signer func(digest message.Hash) (message.Signature, error)

// Append signs an opening as the log's next entry. Number and Previous of the head are filled in.
// The subject's first entry is returned again if there is one; an entry for another judge is
// refused with [ErrOpened].
func Append(
	ctx context.Context, tx store.Tx, sign Signer, h dispute.Head,
) (dispute.Entry, error) {
	entry, found, err := bySubject(ctx, tx, h.Subject)
	if err != nil {
		return entry, err
	}
	if found {
		if entry.Judge != h.Judge {
			return dispute.Entry{}, fmt.Errorf("%w: entry %d", ErrOpened, entry.Number)
		}
		return entry, nil
	}
	last, err := last(ctx, tx)
	if err != nil {
		return dispute.Entry{}, err
	}
	h.Number = last.Number + 1
	if last.Number > 0 {
		h.Previous = last.Sum()
	}
	entry = dispute.Entry{Head: h}
	if entry.Signature, err = sign(h.Sum()); err != nil {
		return dispute.Entry{}, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO openings (number, subject, head, signature)
		VALUES ($1, $2, $3, $4)`,
		int64(h.Number), //nolint:gosec // one more than a row's number
		h.Subject[:], message.Encode(wire.MsgOpening, h), entry.Signature[:])
	return entry, err
}

// ErrOpened means that another judge has had this opened.
var ErrOpened = errors.New("opened before, for another judge")

// Answer is an opening as it is told to the judge; cert is of the key that signed it.
func Answer(e dispute.Entry, cert message.Certificate, chain []byte) api.Opening {
	return api.Opening{
		Head: message.Encode(wire.MsgOpening, e.Head), Signature: e.Signature[:],
		Certificate: cert.Encode(), Chain: chain,
	}
}

// List answers a request for the log.
func List(
	ctx context.Context, db store.Store, cert message.Certificate, q api.OpeningsRequest,
) (api.OpeningsResponse, error) {
	out := api.OpeningsResponse{Certificate: cert.Encode(), Entries: []api.OpenedEntry{}}
	err := db.View(ctx, func(tx store.Tx) error {
		entries, err := after(ctx, tx, q.After)
		for _, e := range entries {
			out.Entries = append(out.Entries, api.OpenedEntry{
				Head: message.Encode(wire.MsgOpening, e.Head), Signature: e.Signature[:],
			})
		}
		return err
	})
	return out, err
}

// after returns entries behind a number, oldest first, at most api.MaxOpenings.
func after(ctx context.Context, tx store.Tx, number uint64) (entries []dispute.Entry, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT head, signature FROM openings WHERE number > $1
		ORDER BY number LIMIT $2`, int64(min(number, math.MaxInt64)), api.MaxOpenings)
	if err != nil {
		return nil, fmt.Errorf("reading the log of openings: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		entry, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

func bySubject(
	ctx context.Context, tx store.Tx, subject message.Hash,
) (dispute.Entry, bool, error) {
	entry, err := scan(tx.QueryRowContext(ctx,
		`SELECT head, signature FROM openings WHERE subject = $1`, subject[:]).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return entry, false, nil
	}
	return entry, err == nil, err
}

// last returns the newest entry, or a zero one.
func last(ctx context.Context, tx store.Tx) (dispute.Entry, error) {
	entry, err := scan(tx.QueryRowContext(ctx,
		`SELECT head, signature FROM openings ORDER BY number DESC LIMIT 1`).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return dispute.Entry{}, nil
	}
	return entry, err
}

func scan(row func(...any) error) (e dispute.Entry, err error) {
	var head, signature []byte
	if err := row(&head, &signature); err != nil {
		return e, fmt.Errorf("reading the log of openings: %w", err)
	}
	if e.Head, err = message.Decode[dispute.Head](wire.MsgOpening, head); err != nil {
		return e, fmt.Errorf("reading the log of openings: %w", err)
	}
	copy(e.Signature[:], signature)
	return e, nil
}
