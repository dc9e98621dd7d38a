package tsm

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// reclaimBatch is how many tokens are reclaimed in one step.
const reclaimBatch = 256

// Reclaimed is what [TSM.Reclaim] has given back.
type Reclaimed struct {
	Tokens int
	Total  money.Amount
}

// Reclaim gives back what is open of all tokens whose grace is over, whether their account is
// active, closed or frozen: units that were never given out, and those that no merchant has
// claimed. From then on claims for them are refused. A step takes up to 256 tokens, with transfer
// and state of each: broken off anywhere, each token was reclaimed as a whole or not at all, and
// once.
func (t *TSM) Reclaim(ctx context.Context) (Reclaimed, error) {
	var all Reclaimed
	var err error
	if all.Total, err = money.New(0, t.currency()); err != nil {
		return all, err
	}
	for {
		some, err := t.reclaimSome(ctx)
		if err == nil {
			all.Total, err = all.Total.Add(some.Total)
		}
		if err != nil {
			return all, fmt.Errorf("reclaiming tokens: %w", err)
		}
		all.Tokens += some.Tokens
		if some.Tokens < reclaimBatch {
			return all, nil
		}
	}
}

func (t *TSM) reclaimSome(ctx context.Context) (some Reclaimed, err error) {
	err = t.DB.Tx(ctx, func(tx store.Tx) error {
		due, err := dueTokens(ctx, tx, t.epoch())
		if err != nil {
			return err
		}
		some = Reclaimed{Tokens: len(due)}
		if some.Total, err = money.New(0, t.currency()); err != nil {
			return err
		}
		for _, row := range due {
			back, err := t.bringBack(ctx, tx, row, row.open(), "reclaim")
			if err != nil {
				return err
			}
			if err := markReclaimed(ctx, tx, row.id); err != nil {
				return err
			}
			if some.Total, err = some.Total.Add(back); err != nil {
				return err
			}
		}
		return nil
	})
	return some, err
}

// dueTokens returns tokens whose grace was over before an epoch began, up to [reclaimBatch] of
// them.
func dueTokens(
	ctx context.Context, tx store.Tx, now message.Epoch,
) (due []tokenRow, err error) {
	rows, err := tx.QueryContext(ctx, selectRow+` WHERE state IN ($1, $2) AND claims_to < $3
		ORDER BY tokid LIMIT $4`, TokenOpen, TokenClosed, int64(now), reclaimBatch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, _, err := scanToken(rows)
		if err != nil {
			return nil, err
		}
		due = append(due, row)
	}
	return due, rows.Err()
}

// openTokens returns what is open of each account's tokens, in minor units.
func openTokens(ctx context.Context, tx store.Tx) (map[message.TID]int64, error) {
	open := map[message.TID]int64{}
	err := eachRow(ctx, tx, `SELECT tid, sum((length - paid - back) * unit) FROM tokens
		WHERE state <> 'reclaimed' GROUP BY tid`, func(scan func(...any) error) error {
		var tid []byte
		var minor int64
		err := scan(&tid, &minor)
		if err == nil {
			open[message.TID(tid)] = minor
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading open tokens: %w", err)
	}
	return open, nil
}

// hasTokens reports whether a token of an account is still to be reclaimed.
func hasTokens(ctx context.Context, tx store.Tx, id message.TID) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM tokens WHERE tid = $1 AND state <> $2`,
		id[:], TokenReclaimed).Scan(&n)
	return n > 0, err
}
