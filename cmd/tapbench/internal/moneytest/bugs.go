package moneytest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// Bugs are faults that a test plants, beside the code that is tested and never in it.
type Bugs struct {
	// DoubleCredit has the TSM pay a batch once more that comes again.
	DoubleCredit bool
	// LoseReversals has the TSM say that it has taken a payment back, and not do it.
	LoseReversals bool
	// ReclaimTwice has the TSM give back again what it has given back before.
	ReclaimTwice bool
	// ReleaseFirst has elements answer before what they have given out is written down.
	ReleaseFirst bool

	paid      map[[32]byte]bool
	reclaimed map[message.Hash]bool
	times     int
}

// afterPayout pays a batch again, if that bug is planted and the batch came before.
func (b *Bugs) afterPayout(
	ctx context.Context, w *World, q api.PayoutRequest, got api.PayoutResponse,
) error {
	if !b.DoubleCredit {
		return nil
	}
	sum := sha256.Sum256(q.Claims)
	if b.paid == nil {
		b.paid = map[[32]byte]bool{}
	}
	if !b.paid[sum] {
		b.paid[sum] = true
		return nil
	}
	var minor int64
	for _, a := range got.Answers {
		minor += a.Paid
	}
	m, err := message.Decode[message.Payout](wire.SigPayout, q.Payout)
	if err != nil {
		return err
	}
	to := ledger.AccountID("merchant/" + string(m.Merchant[:wire.PartyIDLen]))
	return b.move(ctx, w, "tokens", to, "offline", minor)
}

// afterSettle gives back again what was given back before, if that bug is planted.
func (b *Bugs) afterSettle(ctx context.Context, w *World) error {
	if !b.ReclaimTwice {
		return nil
	}
	type row struct {
		id, tid []byte
		minor   int64
	}
	var rows []row
	err := w.tsmDB.View(ctx, func(tx store.Tx) error {
		found, err := tx.QueryContext(ctx, `SELECT tokid, tid, back * unit FROM tokens
			WHERE state = 'reclaimed' AND back > 0`)
		if err != nil {
			return err
		}
		for found.Next() {
			var r row
			if err := found.Scan(&r.id, &r.tid, &r.minor); err != nil {
				return errors.Join(err, found.Close())
			}
			rows = append(rows, r)
		}
		return errors.Join(found.Err(), found.Close())
	})
	if b.reclaimed == nil {
		b.reclaimed = map[message.Hash]bool{}
	}
	for _, r := range rows {
		id := message.Hash(r.id)
		if before := b.reclaimed[id]; !before {
			b.reclaimed[id] = true
			continue
		}
		to := ledger.AccountID("account/" + hex.EncodeToString(r.tid))
		again := b.move(ctx, w, "tokens", to, "reclaim", r.minor)
		if errors.Is(again, ledger.ErrInsufficient) { // no other token is open: out of nowhere
			again = b.move(ctx, w, "loss", to, "reclaim", r.minor)
		}
		err = errors.Join(err, again)
	}
	return err
}

// move moves money as the TSM's own code does, under a name that no transfer has.
func (b *Bugs) move(
	ctx context.Context, w *World, debit, credit ledger.AccountID, reason string, minor int64,
) error {
	amount, err := money.New(minor, money.EUR)
	if err != nil || amount.IsZero() {
		return err
	}
	b.times++
	return w.tsmDB.Tx(ctx, func(tx store.Tx) error {
		_, err := ledger.Execute(ctx, tx, ledger.Transfer{
			ID:    ledger.NewTransferID(fmt.Append(nil, "planted", b.times)),
			Debit: debit, Credit: credit, Amount: amount, Reason: reason,
		})
		return err
	})
}
