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
	State  State
	Handle message.Handle    // h, under which the bank answers for the account; zero while funding
	Bank   message.PartyID   // that funds it
	Key    message.PublicKey // PK_TID,sig
	// Limit is what was moved into escrow for it, or was asked for while funding; Balance what is
	// left, less what is on its way back. Both in minor units.
	Limit, Balance int64
	Expiry         message.Epoch // the epoch at whose end it expires
	// Tokens is what its open offline tokens hold, in minor units; Open counts those that aren't
	// reclaimed yet.
	Tokens int64
	Open   int
	// Loss is what was paid for units of its tokens that were spent twice, in minor units.
	Loss int64
	// Frozen reports that double spending was proven of it, whatever has become of it since.
	Frozen bool
	// Cards counts those that were issued, Spent those of them that were shown.
	Cards, Spent int
}

// Accounts returns every account, those that wait for their bank's answer among them, by state,
// bank and ID: no order says when an account was registered.
func Accounts(ctx context.Context, tx store.Tx) ([]Account, error) {
	accounts, err := readAccounts(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	for i := range accounts {
		if accounts[i].State == StateFunding {
			continue
		}
		book, err := tx.Account(ctx, prepaid(accounts[i].ID))
		if err != nil {
			return nil, fmt.Errorf("reading the balance of account %s: %w", accounts[i].ID, err)
		}
		accounts[i].Balance = book.Available()
	}
	return accounts, nil
}

func readAccounts(ctx context.Context, tx store.Tx) (accounts []Account, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT tid, state, handle, bank, sign, tsmbinfo,
		(SELECT count(*) FROM cards WHERE cards.tid = runs.tid),
		(SELECT count(*) FROM cards WHERE cards.tid = runs.tid AND spent <> 0),
		(SELECT coalesce(sum((length - paid - back) * unit), 0) FROM tokens
			WHERE tokens.tid = runs.tid),
		(SELECT count(*) FROM tokens WHERE tokens.tid = runs.tid AND state <> 'reclaimed'),
		(SELECT coalesce(sum(doublespends.paid), 0) FROM doublespends
			JOIN tokens ON tokens.tokid = doublespends.tokid WHERE tokens.tid = runs.tid),
		(SELECT count(*) FROM frozen WHERE frozen.tid = runs.tid)
		FROM runs WHERE state IN ($1, $2, $3, $4, $5, $6) ORDER BY state, bank, tid`,
		StateFunding, StateActive, StateClosed, StateFrozen, StateReturning, StateReturned)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a Account
		var tid, handle, sign, tsmbinfo []byte
		var bank string
		err := rows.Scan(&tid, &a.State, &handle, &bank, &sign, &tsmbinfo, &a.Cards, &a.Spent,
			&a.Tokens, &a.Open, &a.Loss, &a.Frozen)
		if err != nil {
			return nil, err
		}
		copy(a.ID[:], tid)
		copy(a.Handle[:], handle)
		copy(a.Key[:], sign)
		a.Bank = message.NewPartyID(bank)
		asked, err := message.Decode[message.TSMBINFO](wire.MsgTSMBINFO, tsmbinfo)
		if err != nil {
			return nil, fmt.Errorf("TSMBINFO of account %s: %w", a.ID, err)
		}
		a.Limit = int64(asked.Funding.Limit) //nolint:gosec // a published limit
		a.Expiry = asked.Funding.Expiry
		accounts = append(accounts, a)
	}
	return accounts, rows.Err()
}
