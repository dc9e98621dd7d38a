package tsm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
)

// A Drawing is what was drawn from one bank in one slot.
type Drawing struct {
	Bank message.PartyID
	Slot uint32
	Lots uint32
	// Err is why the bank hasn't paid; nil: it has.
	Err error
}

// draw draws from each bank all whole lots that its escrow holds, once in a slot, also when there
// are none: so what a bank sees depends on what it has moved itself, and on nothing else. Draws
// whose receipt is missing are sent again first. A draw has three steps: it is reserved and written
// down; the bank pays, and answers the same draw with the same receipt; on that it is booked.
func (t *TSM) draw(ctx context.Context) ([]Drawing, error) {
	var all []Drawing
	banks := make([]message.PartyID, 0, len(t.Banks))
	for id := range t.Banks {
		banks = append(banks, id)
	}
	slices.SortFunc(banks, func(a, b message.PartyID) int { return slices.Compare(a[:], b[:]) })
	for _, bank := range banks {
		open, err := t.prepareDraw(ctx, bank)
		if err != nil {
			return all, fmt.Errorf("drawing from %s: %w", bank, err)
		}
		for _, m := range open {
			d := Drawing{Bank: bank, Slot: m.Slot, Lots: m.Lots}
			problem := new(api.Problem)
			if d.Err = t.sendDraw(ctx, m); d.Err != nil && !errors.As(d.Err, &problem) {
				return all, fmt.Errorf("drawing from %s: %w", bank, d.Err)
			}
			all = append(all, d)
			if d.Err != nil {
				break // later ones are refused while this one is open
			}
		}
	}
	return all, nil
}

// prepareDraw writes this slot's draw down, unless it is there, and returns those without receipt.
func (t *TSM) prepareDraw(
	ctx context.Context, bank message.PartyID,
) (open []message.Draw, err error) {
	slot := settlement.SlotAt(t.Now())
	err = t.DB.Tx(ctx, func(tx store.Tx) error {
		last, err := lastDraw(ctx, tx, bank)
		if err == nil && last < int64(slot) {
			err = t.putDraw(ctx, tx, bank, slot)
		}
		if err != nil {
			return err
		}
		open, err = openDraws(ctx, tx, bank)
		return err
	})
	return open, err
}

func (t *TSM) putDraw(ctx context.Context, tx store.Tx, bank message.PartyID, slot uint32) error {
	pool, err := tx.Account(ctx, escrow(bank))
	if err != nil {
		return err
	}
	m := message.Draw{
		TSM: t.ID, Bank: bank, Slot: slot, Lots: settlement.Whole(pool.Available()),
	}
	if m.Signature, err = t.sign(m.Digest()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO draws (bank, slot, draw) VALUES ($1, $2, $3)`,
		bank.String(), int64(slot), message.Encode(wire.SigDraw, m))
	if err != nil || m.Lots == 0 {
		return err
	}
	amount, err := settlement.Lots(m.Lots, t.currency())
	if err != nil {
		return err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID: drawID(m), Debit: cash, Credit: escrow(bank), Amount: amount, Pending: true, Reason: "draw",
	})
	return err
}

// drawID is the transfer by which a draw is booked.
func drawID(m message.Draw) ledger.TransferID {
	digest := m.Digest()
	return ledger.NewTransferID([]byte("draw"), digest[:])
}

// sendDraw sends a draw and books it on the bank's receipt.
func (t *TSM) sendDraw(ctx context.Context, m message.Draw) error {
	bank := t.Banks[m.Bank]
	var answer api.DrawResponse
	err := bank.Caller.Post(ctx, api.PathDraw,
		api.DrawRequest{Draw: message.Encode(wire.SigDraw, m)}, &answer)
	if err != nil {
		return bankFailed(err)
	}
	receipt, err := message.Decode[message.Drawn](wire.SigDrawn, answer.Receipt)
	if err == nil {
		err = message.Verify(bank.Key, receipt.Digest(), receipt.Signature)
	}
	if err != nil {
		return refused("receipt", err)
	}
	if receipt.Draw != m.Digest() {
		return api.Refuse(api.CodeMismatch, "the receipt is for another draw")
	}
	return t.DB.Tx(ctx, func(tx store.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE draws SET receipt = $1 WHERE bank = $2 AND slot = $3`,
			answer.Receipt, m.Bank.String(), int64(m.Slot))
		if err == nil && m.Lots > 0 {
			_, err = ledger.Post(ctx, tx, drawID(m))
		}
		return err
	})
}

// lastDraw returns the last slot in which was drawn from a bank, -1 if there is none.
func lastDraw(ctx context.Context, tx store.Tx, bank message.PartyID) (slot int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(slot), -1) FROM draws WHERE bank = $1`,
		bank.String()).Scan(&slot)
	return slot, err
}

// openDraws returns the draws from a bank whose receipt is missing, by slot.
func openDraws(
	ctx context.Context, tx store.Tx, bank message.PartyID,
) (open []message.Draw, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT draw FROM draws WHERE bank = $1 AND receipt IS NULL
		ORDER BY slot`, bank.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		m, err := message.Decode[message.Draw](wire.SigDraw, raw)
		if err != nil {
			return nil, err
		}
		open = append(open, m)
	}
	return open, rows.Err()
}
