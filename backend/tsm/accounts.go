package tsm

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/store"
)

// Account is what the TSM knows of one of its accounts: paper A's table 2, with the random handle
// in the place of the bank account ID, which the TSM never learns.
type Account struct {
	ID     message.TID
	Handle message.Handle    // h, under which the bank answers for the account
	Bank   message.PartyID   // that funds it
	Key    message.PublicKey // PK_TID,sig
	// Limit is what was moved into escrow for it, Balance what is left, both in minor units.
	Limit, Balance int64
	Expiry         message.Epoch // the epoch at whose end it expires
	// Cards counts those that were issued, Spent those of them that were shown.
	Cards, Spent int
}

// Accounts returns every active account, in the order of their IDs.
func Accounts(ctx context.Context, tx store.Tx) (accounts []Account, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT tid, handle, bank, sign, auth, expiry,
		(SELECT count(*) FROM cards WHERE cards.tid = runs.tid),
		(SELECT count(*) FROM cards WHERE cards.tid = runs.tid AND spent <> 0)
		FROM runs WHERE state = $1 ORDER BY tid`, StateActive)
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a Account
		var tid, handle, sign, auth []byte
		var bank string
		var expiry int64
		err := rows.Scan(&tid, &handle, &bank, &sign, &auth, &expiry, &a.Cards, &a.Spent)
		if err != nil {
			return nil, fmt.Errorf("reading accounts: %w", err)
		}
		copy(a.ID[:], tid)
		copy(a.Handle[:], handle)
		copy(a.Key[:], sign)
		a.Bank = message.NewPartyID(bank)
		a.Expiry = message.Epoch(expiry) //nolint:gosec // written from a uint32
		granted, err := message.Decode[message.Auth](wire.MsgAuth, auth)
		if err != nil {
			return nil, fmt.Errorf("reading the AUTH of account %s: %w", a.ID, err)
		}
		a.Limit = int64(granted.Limit) //nolint:gosec // a bank's limit, below money.MaxMinor
		accounts = append(accounts, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	for i := range accounts {
		book, err := tx.Account(ctx, prepaid(accounts[i].ID))
		if err != nil {
			return nil, fmt.Errorf("reading the balance of account %s: %w", accounts[i].ID, err)
		}
		accounts[i].Balance = book.Balance()
	}
	return accounts, nil
}
