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
	"tapbench/backend/store"
)

// Return takes back what the TSM hasn't spent of one epoch's accounts: from its escrow to the
// customers, all in one step. It refuses, with nothing moved: a signature that isn't the TSM's,
// another bank's batch, an epoch that isn't over, a handle that isn't this TSM's of this epoch, one
// that is missing or was returned before, and a remainder above what was moved. A batch comes once
// for each TSM and epoch: again with the same content it gets the same receipt, whatever its
// signature; with another content it is refused.
func (b *Bank) Return(
	ctx context.Context, tsm message.PartyID, q api.ReturnRequest,
) (api.ReturnResponse, error) {
	m, rest, err := b.openReturn(tsm, q)
	if err != nil {
		return api.ReturnResponse{}, err
	}
	type batch struct {
		TSM   message.PartyID
		Epoch message.Epoch
	}
	name := message.Encode(wire.SigReturn, batch{m.TSM, m.Epoch})
	return service.RepeatMessage(ctx, b.DB, api.PathReturn, name, m.Digest(),
		func(tx store.Tx) (api.ReturnResponse, error) {
			total, err := b.release(ctx, tx, m, rest)
			if err != nil {
				return api.ReturnResponse{}, err
			}
			if err := putReturn(ctx, tx, m, q); err != nil {
				return api.ReturnResponse{}, err
			}
			receipt := message.Returned{Return: m.Digest(), Total: total}
			receipt.Signature, err = b.sign(receipt.Digest())
			return api.ReturnResponse{Receipt: message.Encode(wire.SigReturned, receipt)}, err
		})
}

// openReturn makes the checks that need no books.
func (b *Bank) openReturn(
	tsm message.PartyID, q api.ReturnRequest,
) (message.Return, []message.Remainder, error) {
	m, err := message.Decode[message.Return](wire.SigReturn, q.Batch)
	if err != nil {
		return m, nil, api.Refuse(api.CodeMalformed, "batch: %v", err)
	}
	if err := b.verifyTSM(tsm, "batch", m.Digest(), m.Signature); err != nil {
		return m, nil, err
	}
	rest, err := message.ParseRemainders(q.Remainders)
	if err != nil {
		return m, nil, api.Refuse(api.CodeMalformed, "remainders: %v", err)
	}
	want := message.NewReturn(tsm, b.ID, m.Epoch, rest, m.Repaid)
	want.Signature = m.Signature
	switch {
	case m != want:
		return m, nil, api.Refuse(api.CodeMismatch,
			"the batch names another bank, TSM or other remainders")
	case !m.Epoch.Expired(b.Now()):
		return m, nil, api.Refuse(api.CodeState, "epoch %d isn't over", m.Epoch)
	}
	return m, rest, nil
}

// release moves the remainders to the customers and returns their sum.
func (b *Bank) release(
	ctx context.Context, tx store.Tx, m message.Return, rest []message.Remainder,
) (message.Limit, error) {
	held, err := heldFundings(ctx, tx, m.TSM, m.Epoch)
	if err != nil {
		return 0, err
	}
	if err := b.repay(ctx, tx, m); err != nil {
		return 0, err
	}
	var total message.Limit
	for _, r := range rest {
		f, ok := held[r.Handle]
		switch {
		case !ok:
			return 0, api.Refuse(api.CodeUnknown, "handle %s isn't held for this TSM and epoch", r.Handle)
		case r.Limit > f.limit:
			return 0, api.Refuse(api.CodeLimit, "handle %s returns more than was moved", r.Handle)
		}
		delete(held, r.Handle)
		if err := b.releaseOne(ctx, tx, m.TSM, f, r); err != nil {
			return 0, err
		}
		total += r.Limit
	}
	if len(held) > 0 {
		return 0, api.Refuse(api.CodeMismatch, "%d handles of this epoch are missing", len(held))
	}
	return total, nil
}

// releaseOne moves one remainder. The account covers it again.
func (b *Bank) releaseOne(
	ctx context.Context, tx store.Tx, tsm message.PartyID, f fundingRow, r message.Remainder,
) error {
	if err := returnFunding(ctx, tx, f, r.Limit); err != nil {
		return err
	}
	amount, err := b.amount(r.Limit)
	if err != nil || amount.IsZero() {
		return err
	}
	return b.credit(ctx, tx, tsm, f, amount)
}

func (b *Bank) credit(
	ctx context.Context, tx store.Tx, tsm message.PartyID, f fundingRow, amount money.Amount,
) error {
	a, err := getAccount(ctx, tx, f.account)
	if err != nil {
		return err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("return"), f.handle[:]),
		Debit: escrow(tsm), Credit: customer(a.user), Amount: amount, Reason: "return",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return api.Refuse(api.CodeLimit, "the escrow doesn't hold this")
	}
	return err
}
