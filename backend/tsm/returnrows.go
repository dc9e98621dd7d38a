package tsm

import (
	"context"
	"database/sql"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/store"
)

// returnRow is a row of returns.
type returnRow struct {
	batch      message.Return
	remainders []byte
}

func putReturn(ctx context.Context, tx store.Tx, r returnRow) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO returns (bank, epoch, batch, remainders)
		VALUES ($1, $2, $3, $4)`, r.batch.Bank.String(), int64(r.batch.Epoch),
		message.Encode(wire.SigReturn, r.batch), r.remainders)
	return err
}

// getReturn returns a batch and whether it is there.
func getReturn(
	ctx context.Context, tx store.Tx, bank message.PartyID, e message.Epoch,
) (returnRow, bool, error) {
	var r returnRow
	var batch []byte
	err := tx.QueryRowContext(ctx, `SELECT batch, remainders FROM returns
		WHERE bank = $1 AND epoch = $2`, bank.String(), int64(e)).Scan(&batch, &r.remainders)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r.batch, err = message.Decode[message.Return](wire.SigReturn, batch)
	return r, err == nil, err
}

// openFundings reports whether a bank still owes the answer to a funding.
func openFundings(ctx context.Context, tx store.Tx, bank message.PartyID) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM runs WHERE bank = $1 AND state = $2`,
		bank.String(), StateFunding).Scan(&n)
	return n > 0, err
}

// overAccounts returns the accounts of a batch.
func overAccounts(ctx context.Context, tx store.Tx, b Batch) ([]run, error) {
	names, err := runNames(ctx, tx, b)
	if err != nil {
		return nil, err
	}
	accounts := make([]run, 0, len(names))
	for _, name := range names {
		r, err := getRun(ctx, tx, name, StateActive, StateClosed, StateFrozen)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, r)
	}
	return accounts, nil
}

func runNames(ctx context.Context, tx store.Tx, b Batch) (names []message.Nonce, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT run FROM runs
		WHERE bank = $1 AND expiry = $2 AND state IN ($3, $4, $5)`,
		b.Bank.String(), int64(b.Epoch), StateActive, StateClosed, StateFrozen)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name []byte
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, message.Nonce(name))
	}
	return names, rows.Err()
}

// endReturned ends the accounts of a batch.
func endReturned(ctx context.Context, tx store.Tx, b Batch) error {
	_, err := tx.ExecContext(ctx, `UPDATE runs SET state = $1
		WHERE bank = $2 AND expiry = $3 AND state = $4`,
		StateReturned, b.Bank.String(), int64(b.Epoch), StateReturning)
	return err
}

// putReceipt keeps the bank's receipt as evidence.
func putReceipt(ctx context.Context, tx store.Tx, b Batch, receipt []byte) error {
	_, err := tx.ExecContext(ctx, `UPDATE returns SET receipt = $1 WHERE bank = $2 AND epoch = $3`,
		receipt, b.Bank.String(), int64(b.Epoch))
	return err
}
