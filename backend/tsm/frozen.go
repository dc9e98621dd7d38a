package tsm

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/store"
)

// Freeze freezes an account on proof that units of its tokens were spent twice, and keeps the
// proof; of several it keeps the first. From then on nothing is issued for the account, its cards
// are declined, and its tokens belong onto the deny list. Its money stays where it is: claims are
// paid, units reclaimed and what is left goes back with its epoch, as for any other account. One
// that is on its way back, or was returned, stays as it is.
func Freeze(ctx context.Context, tx store.Tx, id message.TID, evidence []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO frozen (tid, evidence) VALUES ($1, $2)
		ON CONFLICT (tid) DO NOTHING`, id[:], evidence)
	if err != nil {
		return fmt.Errorf("freezing account %s: %w", id, err)
	}
	r, err := getAccountRun(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("freezing account %s: %w", id, err)
	}
	if r.state != StateActive && r.state != StateClosed {
		return nil
	}
	if err := r.move(StateFrozen); err != nil {
		return err
	}
	return saveRun(ctx, tx, r)
}

// Freezings returns the accounts that double spending was proven of, each with its proof.
func Freezings(ctx context.Context, tx store.Tx) (map[message.TID][]byte, error) {
	all := map[message.TID][]byte{}
	err := eachRow(ctx, tx, `SELECT tid, evidence FROM frozen`,
		func(scan func(...any) error) error {
			var tid, evidence []byte
			err := scan(&tid, &evidence)
			if err == nil {
				all[message.TID(tid)] = evidence
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("reading frozen accounts: %w", err)
	}
	return all, nil
}

// inState refuses a run that isn't in one of the states.
func (r run) inState(allowed bool) error {
	switch {
	case allowed:
		return nil
	case r.state == StateFrozen:
		return api.Refuse(api.CodeFrozen, "the account is frozen: its tokens were spent twice")
	default:
		return api.Refuse(api.CodeState, "the registration is %s", r.state)
	}
}
