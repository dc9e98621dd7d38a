package bank

import (
	"context"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/service"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
)

// Draw pays lots out of a TSM's escrow, once in each settlement slot. It refuses, with nothing
// moved: a signature that isn't the TSM's, another bank's message, a slot that hasn't begun or lies
// before one that was drawn in, and more lots than the escrow holds. A slot's message gets the same
// receipt again, whatever its signature; another one for the same slot is refused.
func (b *Bank) Draw(
	ctx context.Context, tsm message.PartyID, q api.DrawRequest,
) (api.DrawResponse, error) {
	m, err := b.openDraw(tsm, q)
	if err != nil {
		return api.DrawResponse{}, err
	}
	type slot struct {
		TSM  message.PartyID
		Slot uint32
	}
	name := message.Encode(wire.SigDraw, slot{m.TSM, m.Slot})
	return service.RepeatMessage(ctx, b.DB, api.PathDraw, name, m.Digest(),
		func(tx store.Tx) (api.DrawResponse, error) {
			if err := b.payOut(ctx, tx, m, q.Draw); err != nil {
				return api.DrawResponse{}, err
			}
			receipt := message.Drawn{Draw: m.Digest()}
			receipt.Signature, err = b.sign(receipt.Digest())
			return api.DrawResponse{Receipt: message.Encode(wire.SigDrawn, receipt)}, err
		})
}

// openDraw makes the checks that need no books.
func (b *Bank) openDraw(tsm message.PartyID, q api.DrawRequest) (message.Draw, error) {
	m, err := message.Decode[message.Draw](wire.SigDraw, q.Draw)
	if err != nil {
		return m, api.Refuse(api.CodeMalformed, "draw: %v", err)
	}
	if err := b.verifyTSM(tsm, "draw", m.Digest(), m.Signature); err != nil {
		return m, err
	}
	switch {
	case m.TSM != tsm || m.Bank != b.ID:
		return m, api.Refuse(api.CodeMismatch, "the draw names another bank or TSM")
	case m.Slot > settlement.SlotAt(b.Now()):
		return m, api.Refuse(api.CodeState, "slot %d hasn't begun", m.Slot)
	}
	return m, nil
}

// payOut moves the lots from the escrow to the TSM.
func (b *Bank) payOut(ctx context.Context, tx store.Tx, m message.Draw, raw []byte) error {
	var later int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM draws WHERE tsm = $1 AND slot > $2`,
		m.TSM.String(), int64(m.Slot)).Scan(&later)
	if err != nil {
		return err
	}
	if later > 0 {
		return api.Refuse(api.CodeState, "a later slot than %d was drawn in", m.Slot)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO draws (tsm, slot, lots, draw) VALUES ($1, $2, $3, $4)`,
		m.TSM.String(), int64(m.Slot), int64(m.Lots), raw)
	if err != nil || m.Lots == 0 {
		return err
	}
	amount, err := settlement.Lots(m.Lots, b.currency())
	if err != nil {
		return api.Refuse(api.CodeLimit, "the draw is out of range")
	}
	return b.withdraw(ctx, tx, m, amount)
}

func (b *Bank) withdraw(
	ctx context.Context, tx store.Tx, m message.Draw, amount money.Amount,
) error {
	digest := m.Digest()
	_, err := ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("draw"), digest[:]),
		Debit: escrow(m.TSM), Credit: cash, Amount: amount, Reason: "draw",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return api.Refuse(api.CodeLimit, "the escrow doesn't hold %d lots", m.Lots)
	}
	return err
}

// repay books what a TSM pays back into its escrow with a batch of remainders.
func (b *Bank) repay(ctx context.Context, tx store.Tx, m message.Return) error {
	amount, err := b.amount(m.Repaid)
	if err != nil || amount.IsZero() {
		return err
	}
	digest := m.Digest()
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("repay"), digest[:]),
		Debit: cash, Credit: escrow(m.TSM), Amount: amount, Reason: "repay",
	})
	return err
}
