package tsm

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"tapbench/backend/acquirer"
	"tapbench/backend/store"
)

// opReconcile is the operation under which answers to reconciliations are kept.
const opReconcile = "acquirer/0500"

// Reconcile closes the day of a terminal: it compares the terminal's totals with what was booked
// for it since its day was closed last, keeps both, and begins the next day, whether they agree or
// not. The same request again gets the first answer again and closes nothing.
func (t *TSM) Reconcile(
	ctx context.Context, q acquirer.ReconcileRequest,
) (acquirer.ReconcileResponse, error) {
	claimed, err := json.Marshal(q.Totals)
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	identity := fmt.Appendf(nil, "%s %s %s", q.Date, q.Currency, claimed)
	return once(ctx, t, opReconcile, q.Sum(), sha256.Sum256(identity),
		acquirer.ReconcileResponse{Code: acquirer.CodeDuplicate},
		func(tx store.Tx) (acquirer.ReconcileResponse, error) {
			if q.Currency != t.currency() {
				return acquirer.ReconcileResponse{Code: acquirer.CodeInvalidTransaction}, nil
			}
			return closeDay(ctx, tx, q)
		})
}

// once answers a merchant's request once. A key that was used for another request gets reused.
func once[A any](
	ctx context.Context, t *TSM, op string, id, request [sha256.Size]byte, reused A,
	act func(tx store.Tx) (A, error),
) (A, error) {
	var answer, none A
	acted := false
	raw, err := store.Once(ctx, t.DB, store.Key{Op: op, ID: id[:], Request: request},
		func(tx store.Tx) ([]byte, error) {
			a, err := act(tx)
			if err != nil {
				return nil, err
			}
			answer, acted = a, true
			return json.Marshal(a)
		})
	if errors.Is(err, store.ErrKeyReused) {
		return reused, nil
	}
	if err != nil {
		return none, err
	}
	if !acted {
		err = json.Unmarshal(raw, &answer)
	}
	return answer, err
}

func closeDay(
	ctx context.Context, tx store.Tx, q acquirer.ReconcileRequest,
) (acquirer.ReconcileResponse, error) {
	day, err := tally(ctx, tx, q.Key, acquirer.Totals{}) // the till is there from now on
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	var booked acquirer.Totals
	err = tx.QueryRowContext(ctx, `SELECT payments, payment_sum, reversals, reversal_sum, refunds,
		refund_sum FROM tills WHERE merchant = $1 AND terminal = $2`,
		q.Merchant.String(), q.Terminal.String()).Scan(totalsColumns(&booked)...)
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	answer := acquirer.ReconcileResponse{Code: acquirer.CodeApproved, Totals: booked}
	if booked != q.Totals {
		answer.Code = acquirer.CodeReconcile
	}
	ours, err := json.Marshal(booked)
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	claimed, err := json.Marshal(q.Totals)
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO days (merchant, terminal, day, date, booked, claimed)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		q.Merchant.String(), q.Terminal.String(), day, q.Date, string(ours), string(claimed))
	if err != nil {
		return acquirer.ReconcileResponse{}, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE tills SET day = day + 1, payments = 0, payment_sum = 0,
		reversals = 0, reversal_sum = 0, refunds = 0, refund_sum = 0
		WHERE merchant = $1 AND terminal = $2`, q.Merchant.String(), q.Terminal.String())
	return answer, err
}

// totalsColumns returns where the six columns of totals go.
func totalsColumns(t *acquirer.Totals) []any {
	return []any{
		&t.Payments.Count, &t.Payments.Minor, &t.Reversals.Count, &t.Reversals.Minor,
		&t.Refunds.Count, &t.Refunds.Minor,
	}
}

// tally adds to the open day of the terminal that a key names, and returns the day's number.
func tally(
	ctx context.Context, tx store.Tx, k acquirer.Key, more acquirer.Totals,
) (day int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO tills (merchant, terminal, day, payments, payment_sum,
			reversals, reversal_sum, refunds, refund_sum)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (merchant, terminal) DO UPDATE SET
			payments = tills.payments + excluded.payments,
			payment_sum = tills.payment_sum + excluded.payment_sum,
			reversals = tills.reversals + excluded.reversals,
			reversal_sum = tills.reversal_sum + excluded.reversal_sum,
			refunds = tills.refunds + excluded.refunds,
			refund_sum = tills.refund_sum + excluded.refund_sum
		RETURNING day`,
		k.Merchant.String(), k.Terminal.String(), more.Payments.Count, more.Payments.Minor,
		more.Reversals.Count, more.Reversals.Minor, more.Refunds.Count, more.Refunds.Minor).Scan(&day)
	if err != nil {
		return 0, fmt.Errorf("adding to a terminal's day: %w", err)
	}
	return day, nil
}

// openDay returns the number of a terminal's open day, 0 for a terminal that isn't known.
func openDay(ctx context.Context, tx store.Tx, k acquirer.Key) (day int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT day FROM tills WHERE merchant = $1 AND terminal = $2`,
		k.Merchant.String(), k.Terminal.String()).Scan(&day)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return day, err
}

// Till is a terminal and its open day.
type Till struct {
	Merchant string
	Terminal string
	Day      int64 // number of the open day, from 1
	Totals   acquirer.Totals
}

// Tills returns all terminals by their names.
func Tills(ctx context.Context, tx store.Tx) (tills []Till, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT merchant, terminal, day, payments, payment_sum,
		reversals, reversal_sum, refunds, refund_sum FROM tills ORDER BY merchant, terminal`)
	if err != nil {
		return nil, fmt.Errorf("reading terminals: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t Till
		columns := append([]any{&t.Merchant, &t.Terminal, &t.Day}, totalsColumns(&t.Totals)...)
		if err := rows.Scan(columns...); err != nil {
			return nil, fmt.Errorf("reading terminals: %w", err)
		}
		tills = append(tills, t)
	}
	return tills, rows.Err()
}

// Day is a closed day of a terminal.
type Day struct {
	Merchant string
	Terminal string
	Number   int64           // from 1
	Date     string          // MMDD, by the terminal
	Booked   acquirer.Totals // the TSM's
	Claimed  acquirer.Totals // the terminal's
}

// Days returns all closed days, by terminal and number.
func Days(ctx context.Context, tx store.Tx) (days []Day, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT merchant, terminal, day, date, booked, claimed FROM days
		ORDER BY merchant, terminal, day`)
	if err != nil {
		return nil, fmt.Errorf("reading closed days: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d Day
		var booked, claimed string
		err := rows.Scan(&d.Merchant, &d.Terminal, &d.Number, &d.Date, &booked, &claimed)
		if err != nil {
			return nil, fmt.Errorf("reading closed days: %w", err)
		}
		if err := json.Unmarshal([]byte(booked), &d.Booked); err != nil {
			return nil, fmt.Errorf("reading closed days: %w", err)
		}
		if err := json.Unmarshal([]byte(claimed), &d.Claimed); err != nil {
			return nil, fmt.Errorf("reading closed days: %w", err)
		}
		days = append(days, d)
	}
	return days, rows.Err()
}
