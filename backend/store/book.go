package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
)

const selectAccount = `SELECT id, kind, currency, overdraft,
	debits_posted, credits_posted, debits_pending, credits_pending FROM ledger_account`

// Account implements [ledger.Book].
func (t tx) Account(ctx context.Context, id ledger.AccountID) (ledger.Account, error) {
	a, err := scanAccount(t.QueryRowContext(ctx, selectAccount+` WHERE id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Account{}, fmt.Errorf("%w: %s", ledger.ErrNoAccount, id)
	}
	return a, err
}

// selectPrior finds nothing where an account lacks.
const selectPrior = `SELECT d.kind, d.currency, d.overdraft,
	d.debits_posted, d.credits_posted, d.debits_pending, d.credits_pending,
	c.kind, c.currency, c.overdraft,
	c.debits_posted, c.credits_posted, c.debits_pending, c.credits_pending,
	(SELECT count(*) FROM ledger_transfer WHERE id = $1)
	FROM ledger_account d, ledger_account c WHERE d.id = $2 AND c.id = $3`

// Prior implements [ledger.Book].
func (t tx) Prior(
	ctx context.Context, id ledger.TransferID, debit, credit ledger.AccountID,
) (ledger.Prior, error) {
	p := ledger.Prior{Debit: ledger.Account{ID: debit}, Credit: ledger.Account{ID: credit}}
	var debitKind, creditKind string
	var known int
	columns := append(accountColumns(&p.Debit, &debitKind), accountColumns(&p.Credit, &creditKind)...)
	err := t.QueryRowContext(ctx, selectPrior, id[:], string(debit), string(credit)).
		Scan(append(columns, &known)...)
	if errors.Is(err, sql.ErrNoRows) {
		return t.partial(ctx, id, debit, credit)
	}
	if err != nil {
		return ledger.Prior{}, fmt.Errorf("reading the accounts of a transfer: %w", err)
	}
	p.Known = known > 0
	if p.Debit.Kind, err = ledger.ParseKind(debitKind); err != nil {
		return ledger.Prior{}, err
	}
	p.Credit.Kind, err = ledger.ParseKind(creditKind)
	return p, err
}

// partial is Prior where an account lacks.
func (t tx) partial(
	ctx context.Context, id ledger.TransferID, debit, credit ledger.AccountID,
) (p ledger.Prior, err error) {
	_, err = t.Transfer(ctx, id)
	p.Known = err == nil
	if err != nil && !errors.Is(err, ledger.ErrNoTransfer) {
		return p, err
	}
	if p.Debit, err = t.Account(ctx, debit); err != nil {
		return p, err
	}
	p.Credit, err = t.Account(ctx, credit)
	return p, err
}

// Accounts implements [ledger.Book].
func (t tx) Accounts(ctx context.Context) (accounts []ledger.Account, err error) {
	rows, err := t.QueryContext(ctx, selectAccount+` ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	defer func() { err = closeRows(rows, err) }()
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return accounts, rows.Err()
}

// InsertAccount implements [ledger.Book].
func (t tx) InsertAccount(ctx context.Context, a ledger.Account) error {
	_, err := t.ExecContext(ctx, `INSERT INTO ledger_account (id, kind, currency, overdraft,
		debits_posted, credits_posted, debits_pending, credits_pending)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		string(a.ID), a.Kind.String(), a.Currency.Numeric(), a.Overdraft,
		a.DebitsPosted, a.CreditsPosted, a.DebitsPending, a.CreditsPending)
	if err != nil {
		return fmt.Errorf("opening account %s: %w", a.ID, err)
	}
	return nil
}

// SetBalances implements [ledger.Book].
func (t tx) SetBalances(ctx context.Context, id ledger.AccountID, b ledger.Balances) error {
	_, err := t.ExecContext(ctx, `UPDATE ledger_account SET debits_posted = $1,
		credits_posted = $2, debits_pending = $3, credits_pending = $4 WHERE id = $5`,
		b.DebitsPosted, b.CreditsPosted, b.DebitsPending, b.CreditsPending, string(id))
	if err != nil {
		return fmt.Errorf("writing the balances of %s: %w", id, err)
	}
	return nil
}

const selectTransfer = `SELECT t.id, t.debit, t.credit, t.currency, t.minor, t.pending, t.reason,
	coalesce(r.state, CASE t.pending WHEN 1 THEN 'pending' ELSE 'posted' END)
	FROM ledger_transfer t LEFT JOIN ledger_resolution r ON r.transfer = t.id`

// Transfer implements [ledger.Book].
func (t tx) Transfer(ctx context.Context, id ledger.TransferID) (ledger.Record, error) {
	r, err := scanRecord(t.QueryRowContext(ctx, selectTransfer+` WHERE t.id = $1`, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return ledger.Record{}, fmt.Errorf("%w: %s", ledger.ErrNoTransfer, id)
	}
	return r, err
}

// Transfers implements [ledger.Book].
func (t tx) Transfers(ctx context.Context) iter.Seq2[ledger.Record, error] {
	return rowsOf(ctx, t, selectTransfer+` ORDER BY t.seq`, scanRecord)
}

// InsertTransfer implements [ledger.Book].
func (t tx) InsertTransfer(ctx context.Context, x ledger.Transfer) error {
	_, err := t.ExecContext(ctx, `INSERT INTO ledger_transfer
		(id, debit, credit, currency, minor, pending, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		x.ID[:], string(x.Debit), string(x.Credit), x.Amount.Currency().Numeric(),
		x.Amount.Minor(), number(x.Pending), x.Reason)
	if err != nil {
		return fmt.Errorf("writing transfer %s: %w", x.ID, err)
	}
	return nil
}

// number is a truth value as both databases' numbers have it.
func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Resolve implements [ledger.Book].
func (t tx) Resolve(ctx context.Context, id ledger.TransferID, s ledger.State) error {
	_, err := t.ExecContext(ctx,
		`INSERT INTO ledger_resolution (transfer, state) VALUES ($1, $2)`, id[:], s.String())
	if err != nil {
		return fmt.Errorf("resolving transfer %s: %w", id, err)
	}
	return nil
}

// Postings implements [ledger.Book].
func (t tx) Postings(ctx context.Context) iter.Seq2[ledger.Posting, error] {
	return rowsOf(ctx, t,
		`SELECT t.id, p.account, p.side, p.minor FROM ledger_posting p
		JOIN ledger_transfer t ON t.seq = p.transfer ORDER BY p.seq`, scanPosting)
}

// One line of the journal, and both lines of a transfer at once.
const (
	insertPosting = `INSERT INTO ledger_posting (transfer, account, side, minor) VALUES
		((SELECT seq FROM ledger_transfer WHERE id = $1), $2, $3, $4)`
	insertPostings = insertPosting + `,
		((SELECT seq FROM ledger_transfer WHERE id = $5), $6, $7, $8)`
)

// InsertPostings implements [ledger.Book].
func (t tx) InsertPostings(ctx context.Context, lines ...ledger.Posting) error {
	for len(lines) > 0 {
		query, n := insertPostings, min(len(lines), 2)
		if n == 1 {
			query = insertPosting
		}
		args := make([]any, 0, 8)
		for _, p := range lines[:n] {
			args = append(args, p.Transfer[:], string(p.Account), p.Side.String(), p.Minor)
		}
		if _, err := t.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("posting transfer %s: %w", lines[0].Transfer, err)
		}
		lines = lines[n:]
	}
	return nil
}

// scanner is a [sql.Row] or the current one of [sql.Rows].
type scanner interface{ Scan(dest ...any) error }

// rowsOf yields what a query returns, and at most one error, as the last.
func rowsOf[T any](
	ctx context.Context, t tx, query string, scan func(scanner) (T, error),
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := t.QueryContext(ctx, query)
		if err != nil {
			yield(none, err)
			return
		}
		defer func() { _ = rows.Close() }() // its error, if any, was that of Err
		for rows.Next() {
			v, err := scan(rows)
			if !yield(v, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, err)
		}
	}
}

func scanAccount(row scanner) (ledger.Account, error) {
	var a ledger.Account
	var kind string
	if err := row.Scan(append([]any{&a.ID}, accountColumns(&a, &kind)...)...); err != nil {
		return ledger.Account{}, fmt.Errorf("reading an account: %w", err)
	}
	var err error
	a.Kind, err = ledger.ParseKind(kind)
	return a, err
}

// accountColumns returns where an account's columns go, all but its ID.
func accountColumns(a *ledger.Account, kind *string) []any {
	return []any{
		kind, &a.Currency, &a.Overdraft,
		&a.DebitsPosted, &a.CreditsPosted, &a.DebitsPending, &a.CreditsPending,
	}
}

func scanRecord(row scanner) (ledger.Record, error) {
	var r ledger.Record
	var id []byte
	var currency money.Currency
	var minor int64
	var state string
	err := row.Scan(&id, &r.Debit, &r.Credit, &currency, &minor, &r.Pending, &r.Reason, &state)
	if err != nil {
		return ledger.Record{}, fmt.Errorf("reading a transfer: %w", err)
	}
	copy(r.ID[:], id) // the column is CHECKed to be 32 bytes
	if r.Amount, err = money.New(minor, currency); err != nil {
		return ledger.Record{}, fmt.Errorf("reading transfer %s: %w", r.ID, err)
	}
	r.State, err = ledger.ParseState(state)
	return r, err
}

func scanPosting(row scanner) (ledger.Posting, error) {
	var p ledger.Posting
	var id []byte
	var side string
	if err := row.Scan(&id, &p.Account, &side, &p.Minor); err != nil {
		return ledger.Posting{}, fmt.Errorf("reading a posting: %w", err)
	}
	copy(p.Transfer[:], id) // the column is CHECKed to be 32 bytes
	p.Side = ledger.Credit
	if side == ledger.Debit.String() {
		p.Side = ledger.Debit
	}
	return p, nil
}
