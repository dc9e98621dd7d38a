package moneytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
	"tapbench/cmd/tapbench/internal/exhibits"
)

// ErrMoney means that money isn't where it should be.
var ErrMoney = errors.New("money isn't conserved")

// ticking wants so many units.
func ticking(left *int) func(context.Context) bool {
	return func(context.Context) bool {
		*left--
		return *left >= 0
	}
}

// sides are what a party has and owes, in minor units.
type sides struct{ has, owes int64 }

// add adds up a party's books.
func add(ctx context.Context, db store.Store) (sides, error) {
	var s sides
	err := db.View(ctx, func(tx store.Tx) (err error) {
		rows, err := tx.QueryContext(ctx,
			`SELECT kind, debits_posted, credits_posted FROM ledger_account`)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var kind string
			var debits, credits int64
			if err := rows.Scan(&kind, &debits, &credits); err != nil {
				return err
			}
			if kind == "asset" || kind == "expense" {
				s.has += debits - credits
			} else {
				s.owes += credits - debits
			}
		}
		return rows.Err()
	})
	return s, err
}

// Check makes the checks that are cheap enough for every step: each party's books balance, the open
// units of all tokens are what the TSM owes for them, and no acknowledged payment was forgotten.
func (w *World) Check() error {
	for _, db := range []*killable{w.bankDB, w.tsmDB} {
		s, err := add(w.ctx, db)
		if err != nil {
			return err
		}
		if s.has != s.owes {
			return fmt.Errorf("%w: the %s has %d and owes %d", ErrMoney, db.name, s.has, s.owes)
		}
	}
	if err := w.checkTokens(); err != nil {
		return err
	}
	for _, t := range w.tills {
		for claim, to := range t.acked {
			if err := t.checkClaim(claim, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTokens compares the TSM's account for tokens with the units that are open.
func (w *World) checkTokens() error {
	var open, owed int64
	err := w.tsmDB.View(w.ctx, func(tx store.Tx) error {
		return tx.QueryRowContext(w.ctx, `SELECT
			(SELECT coalesce(sum(unit * (length - paid - back)), 0) FROM tokens),
			(SELECT credits_posted - debits_posted FROM ledger_account WHERE id = 'tokens')`).
			Scan(&open, &owed)
	})
	if err == nil && open != owed {
		err = fmt.Errorf("%w: %d are open in tokens, the TSM owes %d for them", ErrMoney, open, owed)
	}
	return err
}

// checkClaim looks for the claim of a payment that a customer was told of.
func (t *till) checkClaim(claim string, to uint8) error {
	raw, err := hex.DecodeString(claim)
	if err != nil {
		return err
	}
	key := message.Hash(raw)
	if _, err = t.claims.Lookup(key32(key)); err == nil {
		return nil
	}
	if _, err = t.claims.Lookup(sha256.Sum256(append(raw, to))); err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s has forgotten claim %s: %w", ErrMoney, t.name(), claim, err)
}

func key32(h message.Hash) [32]byte { return h }

// files are what everybody has left behind until now.
func (w *World) files() (examiner.Files, error) {
	files, err := exhibits.Find(w.dir)
	return files, err
}

// Examine has the examiner go through all files.
func (w *World) Examine() (examiner.Report, error) {
	var files examiner.Files
	var err error
	for _, t := range w.tills {
		if err = errors.Join(err, t.close()); err != nil {
			return examiner.Report{}, err
		}
	}
	if files, err = w.files(); err != nil {
		return examiner.Report{}, err
	}
	for _, t := range w.tills {
		if err := t.open(); err != nil {
			return examiner.Report{}, err
		}
	}
	for _, p := range w.phones {
		if p.rogue {
			continue // it says what it likes
		}
		held, err := exhibits.State(fmt.Sprintf("user %d's element", p.n), p.cells.state)
		if err != nil {
			return examiner.Report{}, err
		}
		files.Held = append(files.Held, held...)
	}
	w.count("examined")
	report, err := examiner.Examine(w.ctx, files)
	if err == nil && !report.Sound() {
		err = fmt.Errorf("%w: %v", ErrMoney, report.Findings)
	}
	return report, err
}
