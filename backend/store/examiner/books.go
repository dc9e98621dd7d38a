package examiner

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

// sums is what stands on the two sides of an account, in minor units.
type sums struct{ debit, credit int64 }

// movement is a posted transfer.
type movement struct {
	debit, credit, reason string
	minor                 int64
}

// books is a party's journal, added up.
type books struct {
	kinds     map[string]string // by account
	posted    map[string]sums   // by account, from the postings
	movements map[string]movement
	reserved  []movement // that are neither posted nor voided
}

// balance is what an account of a kind has.
func (b books) balance(account string) int64 {
	s := b.posted[account]
	switch b.kinds[account] {
	case "asset", "expense":
		return s.debit - s.credit
	default:
		return s.credit - s.debit
	}
}

// readBooks reads the journal and holds accounts, transfers and postings against each other.
func readBooks(ctx context.Context, db *sql.DB, party string, r *Report) (books, error) {
	b := books{
		kinds: map[string]string{}, posted: map[string]sums{}, movements: map[string]movement{},
	}
	if err := b.readMovements(ctx, db, party, r); err != nil {
		return b, err
	}
	if err := b.readPostings(ctx, db, party, r); err != nil {
		return b, err
	}
	return b, b.readAccounts(ctx, db, party, r)
}

func (b *books) readMovements(ctx context.Context, db *sql.DB, party string, r *Report) error {
	const query = `SELECT t.id, t.debit, t.credit, t.minor, t.reason, t.pending,
		coalesce(s.state, '') FROM ledger_transfer t
		LEFT JOIN ledger_resolution s ON s.transfer = t.id`
	return each(ctx, db, query, func(scan func(...any) error) error {
		var id []byte
		var m movement
		var pending bool
		var state string
		if err := scan(&id, &m.debit, &m.credit, &m.minor, &m.reason, &pending, &state); err != nil {
			return err
		}
		if !pending && state != "" {
			r.find(party, "transfer %x was resolved and never pending", id)
		}
		switch {
		case pending && state == "":
			b.reserved = append(b.reserved, m)
		case state != "voided":
			b.movements[hex.EncodeToString(id)] = m
		}
		return nil
	})
}

func (b *books) readPostings(ctx context.Context, db *sql.DB, party string, r *Report) error {
	seen := map[string]bool{}
	const query = `SELECT coalesce(t.id, x''), p.account, p.side, p.minor
		FROM ledger_posting p LEFT JOIN ledger_transfer t ON t.seq = p.transfer`
	err := each(ctx, db, query, func(scan func(...any) error) error {
		var id []byte
		var account, side string
		var minor int64
		if err := scan(&id, &account, &side, &minor); err != nil {
			return err
		}
		name := hex.EncodeToString(id)
		m, ok := b.movements[name]
		s := b.posted[account]
		want := m.debit
		if side == "debit" {
			s.debit += minor
		} else {
			s.credit += minor
			want = m.credit
		}
		b.posted[account] = s
		if !ok || account != want || minor != m.minor || seen[name+side] {
			r.find(party, "posting of %d to %s has no transfer of its own", minor, account)
		}
		seen[name+side] = true
		return nil
	})
	if len(seen) != 2*len(b.movements) {
		r.find(party, "%d transfers have %d postings", len(b.movements), len(seen))
	}
	return err
}

func (b *books) readAccounts(ctx context.Context, db *sql.DB, party string, r *Report) error {
	var trial int64
	const query = `SELECT id, kind, debits_posted, credits_posted, overdraft FROM ledger_account`
	err := each(ctx, db, query, func(scan func(...any) error) error {
		var id, kind string
		var stated sums
		var overdraft int64
		if err := scan(&id, &kind, &stated.debit, &stated.credit, &overdraft); err != nil {
			return err
		}
		b.kinds[id] = kind
		trial += stated.debit - stated.credit
		if stated != b.posted[id] {
			r.find(party, "%s has debit %d and credit %d, its postings say %d and %d", id,
				stated.debit, stated.credit, b.posted[id].debit, b.posted[id].credit)
		}
		if b.balance(id) < -overdraft {
			r.find(party, "%s is overdrawn by %d", id, -b.balance(id))
		}
		return nil
	})
	if trial != 0 {
		r.find(party, "debits and credits differ by %d", trial)
	}
	return err
}

// each calls row for every row of a query.
func each(
	ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error,
) (err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("reading the store: %w", err)
		}
	}
	return rows.Err()
}
