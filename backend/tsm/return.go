package tsm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
)

// A Batch is what goes back to one bank of one epoch's accounts: all of them, spent or not, closed
// or not, sorted by their handles. So neither its time nor its length says anything of a purchase.
type Batch struct {
	Bank  message.PartyID
	Epoch message.Epoch
	Count int
	Total money.Amount // zero until the batch is made
	// Err is why the bank hasn't taken it; nil: it has.
	Err error
}

// Return sends what is left of all accounts whose epoch and grace are over ([settlement.Due]) back
// to their banks, and returns the batches that it has sent, by bank and epoch. A batch has three
// steps, so that a death between any two loses nothing and moves nothing twice: what is left is
// reserved and the signed batch written down; the bank takes it, all or nothing, and answers the
// same batch with the same receipt; on the receipt what was reserved leaves the books. Fundings
// whose answer was lost are asked for first ([TSM.Sweep]): a batch waits while one is open. Tokens
// are reclaimed first ([TSM.Reclaim]): a batch waits while a token of an account isn't.
func (t *TSM) Return(ctx context.Context) ([]Batch, error) {
	if _, err := t.Sweep(ctx); err != nil {
		return nil, err
	}
	if _, err := t.Reclaim(ctx); err != nil {
		return nil, err
	}
	due, err := t.dueBatches(ctx)
	if err != nil {
		return nil, err
	}
	sent := make([]Batch, 0, len(due))
	for _, b := range due {
		row, err := t.freeze(ctx, b)
		if err == nil {
			b, err = t.sendBack(ctx, b, row)
		}
		problem := new(api.Problem)
		if err != nil && !errors.As(err, &problem) {
			return sent, fmt.Errorf("returning epoch %d to %s: %w", b.Epoch, b.Bank, err)
		}
		b.Err = err
		sent = append(sent, b)
	}
	return sent, nil
}

// dueBatches returns the banks and epochs with accounts that are to go back.
func (t *TSM) dueBatches(ctx context.Context) (due []Batch, err error) {
	last, ok := settlement.LastDue(t.Now())
	if !ok {
		return nil, nil
	}
	err = t.DB.View(ctx, func(tx store.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT bank, expiry, count(*) FROM runs
			WHERE state IN ($1, $2, $3, $4) AND expiry <= $5
			GROUP BY bank, expiry ORDER BY bank, expiry`,
			StateActive, StateClosed, StateFrozen, StateReturning, int64(last))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var epoch int64
			var b Batch
			if err := rows.Scan(&name, &epoch, &b.Count); err != nil {
				return err
			}
			b.Bank = message.NewPartyID(name)
			b.Epoch = message.Epoch(epoch) //nolint:gosec // written from a uint32
			if b.Total, err = money.New(0, t.currency()); err != nil {
				return err
			}
			due = append(due, b)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("looking for accounts that are over: %w", err)
	}
	return due, nil
}

// freeze reserves what is left of a batch's accounts and writes the signed batch down, or finds the
// one that was written before.
func (t *TSM) freeze(ctx context.Context, b Batch) (returnRow, error) {
	var row returnRow
	err := t.DB.Tx(ctx, func(tx store.Tx) error {
		var found bool
		var err error
		if row, found, err = getReturn(ctx, tx, b.Bank, b.Epoch); found || err != nil {
			return err
		}
		if err := quiet(ctx, tx, b.Bank); err != nil {
			return err
		}
		accounts, err := overAccounts(ctx, tx, b)
		if err != nil {
			return err
		}
		if err := reclaimed(ctx, tx, accounts); err != nil {
			return err
		}
		repaid, err := t.repay(ctx, tx, b, accounts)
		if err != nil {
			return err
		}
		rest := make([]message.Remainder, 0, len(accounts))
		for i := range accounts {
			limit, err := t.reserve(ctx, tx, &accounts[i])
			if err != nil {
				return err
			}
			rest = append(rest, message.Remainder{Handle: accounts[i].handle, Limit: limit})
		}
		slices.SortFunc(rest, func(a, b message.Remainder) int {
			return bytes.Compare(a.Handle[:], b.Handle[:])
		})
		m := message.NewReturn(t.ID, b.Bank, b.Epoch, rest, repaid)
		if m.Signature, err = t.sign(m.Digest()); err != nil {
			return err
		}
		row = returnRow{batch: m, remainders: message.EncodeRemainders(rest)}
		return putReturn(ctx, tx, row)
	})
	return row, err
}

// quiet refuses while a bank's answer to a funding or a draw is missing: how much its escrow holds
// isn't known then.
func quiet(ctx context.Context, tx store.Tx, bank message.PartyID) error {
	funding, err := openFundings(ctx, tx, bank)
	if err != nil {
		return err
	}
	draws, err := openDraws(ctx, tx, bank)
	if err != nil {
		return err
	}
	if funding || len(draws) > 0 {
		return api.Refuse(api.CodeUnavailable, "a funding or a draw waits for this bank's answer")
	}
	return nil
}

// reclaimed refuses while a token of an account isn't reclaimed: what is left isn't known then.
func reclaimed(ctx context.Context, tx store.Tx, accounts []run) error {
	for _, r := range accounts {
		if open, err := hasTokens(ctx, tx, r.tid); err != nil {
			return err
		} else if open {
			return api.Refuse(api.CodeUnavailable, "a token of these accounts isn't reclaimed yet")
		}
	}
	return nil
}

// repay pays back into the escrow what it lacks for a batch, and returns how much that is.
func (t *TSM) repay(
	ctx context.Context, tx store.Tx, b Batch, accounts []run,
) (message.Limit, error) {
	var left int64
	for _, r := range accounts {
		book, err := tx.Account(ctx, prepaid(r.tid))
		if err != nil {
			return 0, err
		}
		left += book.Available()
	}
	pool, err := tx.Account(ctx, escrow(b.Bank))
	if err != nil {
		return 0, err
	}
	lack := left - pool.Available()
	if lack <= 0 {
		return 0, nil
	}
	amount, err := money.New(lack, t.currency())
	if err != nil {
		return 0, fmt.Errorf("paying back: %w", err)
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("repay"), b.Bank[:], fmt.Append(nil, b.Epoch)),
		Debit: escrow(b.Bank), Credit: cash, Amount: amount, Reason: "repay",
	})
	return message.Limit(amount.Uint64()), err
}

// returnID is the transfer by which an account's remainder leaves the books.
func returnID(h message.Handle) ledger.TransferID {
	return ledger.NewTransferID([]byte("return"), h[:])
}

// reserve reserves what is left of an account, and returns it.
func (t *TSM) reserve(ctx context.Context, tx store.Tx, r *run) (message.Limit, error) {
	book, err := tx.Account(ctx, prepaid(r.tid))
	if err != nil {
		return 0, err
	}
	if err := r.move(StateReturning); err != nil {
		return 0, err
	}
	if err := saveRun(ctx, tx, *r); err != nil {
		return 0, err
	}
	left := book.Available()
	if left == 0 {
		return 0, nil
	}
	amount, err := money.New(left, t.currency())
	if err != nil {
		return 0, fmt.Errorf("reading what is left of account %s: %w", r.tid, err)
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID: returnID(r.handle), Debit: prepaid(r.tid), Credit: escrow(r.bank), Amount: amount,
		Pending: true, Reason: "return",
	})
	return message.Limit(amount.Uint64()), err
}

// sendBack sends a batch and, on the bank's receipt, lets what was reserved leave the books.
func (t *TSM) sendBack(ctx context.Context, b Batch, row returnRow) (Batch, error) {
	rest, err := message.ParseRemainders(row.remainders)
	if err != nil {
		return b, fmt.Errorf("reading a batch: %w", err)
	}
	var total message.Limit
	for _, r := range rest {
		total += r.Limit
	}
	b.Count = len(rest)
	if b.Total, err = money.FromUint64(uint64(total), t.currency()); err != nil {
		return b, fmt.Errorf("adding up a batch: %w", err)
	}
	bank, ok := t.Banks[b.Bank]
	if !ok {
		return b, api.Refuse(api.CodeUnavailable, "the TSM doesn't work with this bank at present")
	}
	var answer api.ReturnResponse
	err = bank.Caller.Post(ctx, api.PathReturn, api.ReturnRequest{
		Batch: message.Encode(wire.SigReturn, row.batch), Remainders: row.remainders,
	}, &answer)
	if err != nil {
		return b, bankFailed(err)
	}
	receipt, err := message.Decode[message.Returned](wire.SigReturned, answer.Receipt)
	if err == nil {
		err = message.Verify(bank.Key, receipt.Digest(), receipt.Signature)
	}
	if err != nil {
		return b, refused("receipt", err)
	}
	if receipt.Return != row.batch.Digest() || receipt.Total != total {
		return b, api.Refuse(api.CodeMismatch, "the receipt is for another batch")
	}
	return b, t.DB.Tx(ctx, func(tx store.Tx) error {
		return t.release(ctx, tx, b, rest, answer.Receipt)
	})
}

// release posts what was reserved and ends the accounts.
func (t *TSM) release(
	ctx context.Context, tx store.Tx, b Batch, rest []message.Remainder, receipt []byte,
) error {
	for _, r := range rest {
		if r.Limit == 0 {
			continue
		}
		if _, err := ledger.Post(ctx, tx, returnID(r.Handle)); err != nil {
			return err
		}
	}
	if err := endReturned(ctx, tx, b); err != nil {
		return err
	}
	return putReceipt(ctx, tx, b, receipt)
}
