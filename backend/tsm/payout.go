package tsm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tapbench/applet/message"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
)

// A Payout is what a merchant was paid in a slot.
type Payout struct {
	Merchant message.PartyID
	Slot     uint32
	Amount   money.Amount
}

// payOut pays merchants, once in a slot, what their closed days and their offline claims have come
// to, less what they were paid before. A day that is closed takes no reversal any more. Merchants
// are paid from what was drawn; so much of it stays that every account's remainder can go back to
// its bank.
func (t *TSM) payOut(ctx context.Context) (paid []Payout, err error) {
	slot := settlement.SlotAt(t.Now())
	err = t.DB.Tx(ctx, func(tx store.Tx) error {
		paid = nil
		due, err := dueMerchants(ctx, tx)
		if err != nil {
			return err
		}
		free, err := t.free(ctx, tx, due)
		if err != nil {
			return err
		}
		for _, d := range due {
			minor := min(d.minor, free)
			if minor <= 0 {
				continue
			}
			p, ok, err := t.payMerchant(ctx, tx, d.merchant, slot, minor)
			if err != nil {
				return err
			}
			if ok {
				paid = append(paid, p)
				free -= p.Amount.Minor()
			}
		}
		return nil
	})
	return paid, err
}

// payMerchant pays at most minor, and at most the merchant's balance, unless he was paid in this
// slot.
func (t *TSM) payMerchant(
	ctx context.Context, tx store.Tx, id message.PartyID, slot uint32, minor int64,
) (Payout, bool, error) {
	p := Payout{Merchant: id, Slot: slot}
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM payouts WHERE merchant = $1 AND slot = $2`,
		id.String(), int64(slot)).Scan(&n)
	if err != nil || n > 0 {
		return p, false, err
	}
	book, err := tx.Account(ctx, merchant(id))
	if errors.Is(err, ledger.ErrNoAccount) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	minor = min(minor, book.Available())
	if minor <= 0 {
		return p, false, nil
	}
	if p.Amount, err = money.New(minor, t.currency()); err != nil {
		return p, false, err
	}
	_, err = ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("payout"), id[:], fmt.Append(nil, slot)),
		Debit: merchant(id), Credit: cash, Amount: p.Amount, Reason: "payout",
	})
	if err != nil {
		return p, false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO payouts (merchant, slot, amount) VALUES ($1, $2, $3)`,
		id.String(), int64(slot), minor)
	return p, err == nil, err
}

// due is what a merchant is to be paid, in minor units.
type due struct {
	merchant message.PartyID
	minor    int64
}

// dueMerchants returns what the merchants' closed days and offline claims have come to, less what
// was paid, by their IDs.
func dueMerchants(ctx context.Context, tx store.Tx) ([]due, error) {
	days, err := Days(ctx, tx)
	if err != nil {
		return nil, err
	}
	sums := map[message.PartyID]int64{}
	for _, d := range days {
		b := d.Booked
		id := message.NewPartyID(d.Merchant) // a merchant identifier begins with the party's ID
		sums[id] += b.Payments.Minor - b.Reversals.Minor - b.Refunds.Minor
	}
	err = eachRow(ctx, tx, `SELECT merchant, amount FROM payouts
		UNION ALL SELECT merchant, -amount - loss FROM batches`,
		func(scan func(...any) error) error {
			var name string
			var minor int64
			err := scan(&name, &minor)
			sums[message.NewPartyID(name)] -= minor
			return err
		})
	var out []due
	for id, minor := range sums {
		out = append(out, due{id, minor})
	}
	slices.SortFunc(out, func(a, b due) int { return slices.Compare(a.merchant[:], b.merchant[:]) })
	return out, err
}

// free returns how much cash merchants may be paid from: for each bank, what its accounts hold,
// open tokens included, beyond its escrow must stay, so that remainders can always go back. So must
// what merchants aren't to be paid yet: a reversal gives it back to an account. Without that, what
// the TSM has lost to double spending would be paid out of others' open days.
func (t *TSM) free(ctx context.Context, tx store.Tx, all []due) (int64, error) {
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return 0, err
	}
	balance := make(map[ledger.AccountID]int64, len(accounts))
	for _, a := range accounts {
		balance[a.ID] = a.Available()
	}
	inTokens, err := openTokens(ctx, tx)
	if err != nil {
		return 0, err
	}
	held := map[message.PartyID]int64{}
	err = eachRow(ctx, tx, `SELECT bank, tid FROM runs WHERE tid IS NOT NULL`,
		func(scan func(...any) error) error {
			var bank string
			var tid []byte
			if err := scan(&bank, &tid); err != nil {
				return err
			}
			id := message.TID(tid)
			held[message.NewPartyID(bank)] += balance[prepaid(id)] + inTokens[id]
			return nil
		})
	if err != nil {
		return 0, err
	}
	free, own := balance[cash], balance[cash]-undue(balance, all)
	for bank, minor := range held {
		free -= max(0, minor-balance[escrow(bank)])
		own += balance[escrow(bank)] - minor
	}
	return min(free, own), nil
}

// undue returns what merchants have and aren't to be paid yet.
func undue(balance map[ledger.AccountID]int64, all []due) (minor int64) {
	for _, d := range all {
		balance[merchant(d.merchant)] -= max(0, d.minor)
	}
	for id, left := range balance {
		if strings.HasPrefix(string(id), merchants) {
			minor += max(0, left)
		}
	}
	return minor
}

// eachRow calls row for every row of a query.
func eachRow(
	ctx context.Context, tx store.Tx, query string, row func(scan func(...any) error) error,
	args ...any,
) (err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
