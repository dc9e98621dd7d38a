package tsm

import (
	"context"
	"errors"
	"fmt"

	"tapbench/backend/api"
	"tapbench/backend/store"
)

// Swept counts what [TSM.Sweep] has found: fundings that the bank has confirmed, that it has
// refused, and that wait on, since it didn't answer.
type Swept struct{ Active, Refused, Waiting int }

// Sweep asks the banks again about each funding whose answer was lost, with the messages that were
// sent then. A bank repeats its AUTH or refuses, so that nothing moves twice and nothing stays in
// between. It is for the start and for a timer; wallets may repeat their requests beside it.
func (t *TSM) Sweep(ctx context.Context) (Swept, error) {
	var swept Swept
	waiting, err := t.waiting(ctx)
	if err != nil {
		return swept, err
	}
	for _, q := range waiting {
		tsmbinfo, err := t.prepare(ctx, q)
		if err == nil {
			_, err = t.ask(ctx, q, tsmbinfo)
		}
		problem := new(api.Problem)
		switch {
		case err == nil:
			swept.Active++
		case !errors.As(err, &problem):
			return swept, fmt.Errorf("asking the banks about open fundings: %w", err)
		case problem.Final():
			swept.Refused++
		default:
			swept.Waiting++
		}
	}
	return swept, nil
}

// waiting returns the requests of all runs that wait for a bank.
func (t *TSM) waiting(ctx context.Context) (out []api.TIDFundRequest, err error) {
	err = t.DB.View(ctx, func(tx store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT run, binfo, tsminfo FROM runs
			WHERE state = $1 AND binfo IS NOT NULL ORDER BY run`, StateFunding)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var q api.TIDFundRequest
			if err := rows.Scan(&q.Run, &q.BINFO, &q.TSMINFO); err != nil {
				return err
			}
			out = append(out, q)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("reading open fundings: %w", err)
	}
	return out, nil
}
