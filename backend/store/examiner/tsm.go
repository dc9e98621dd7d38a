package examiner

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// credit is what AUTH has moved into a TSM account.
type credit struct {
	tid, bank string
	minor     int64
	returned  bool
}

// tsm is a TSM's store.
type tsm struct {
	party     string
	books     books
	credits   map[string]credit // by handle
	waiting   map[string]int    // registrations that wait for AUTH, by bank
	accounts  int64             // what the TSM owes to users
	merchants int64             // what the TSM owes to merchants
	standing  int
	reversed  int
}

// waits reports whether a registration waits for a bank's AUTH.
func (t *tsm) waits(bank string) bool { return t.waiting[bank] > 0 }

// read reads the TSM's rows and holds them against its books.
func (t *tsm) read(ctx context.Context, db *sql.DB, r *Report) error {
	if err := t.readRuns(ctx, db, r); err != nil {
		return err
	}
	owed, claims := map[string]int64{}, map[string]int64{}
	for _, c := range t.credits {
		owed["account/"+c.tid] += c.minor
		claims["escrow/"+c.bank] += c.minor
	}
	if err := t.readPayments(ctx, db, r, owed); err != nil {
		return err
	}
	for account := range t.books.kinds {
		balance := t.books.balance(account)
		switch {
		case strings.HasPrefix(account, "account/"):
			t.accounts += balance
		case strings.HasPrefix(account, "merchant/"):
			t.merchants += balance
		case !strings.HasPrefix(account, "escrow/"):
			r.find(t.party, "account %s has no purpose", account)
			continue
		}
		if want := owed[account] + claims[account]; balance != want {
			r.find(t.party, "account %s has %d, the rows say %d", account, balance, want)
		}
		delete(owed, account)
		delete(claims, account)
	}
	for account, minor := range owed {
		if minor != 0 {
			r.find(t.party, "%d are owed to %s, which isn't there", minor, account)
		}
	}
	return nil
}

// readRuns reads what AUTH says of each TSM account: the bank's own signed word.
func (t *tsm) readRuns(ctx context.Context, db *sql.DB, r *Report) error {
	t.credits, t.waiting = map[string]credit{}, map[string]int{}
	const query = `SELECT state, bank, tid, auth, handle FROM runs`
	return each(ctx, db, query, func(scan func(...any) error) error {
		var state, bank string
		var tid, raw, handle []byte
		if err := scan(&state, &bank, &tid, &raw, &handle); err != nil {
			return err
		}
		if len(raw) == 0 {
			if state == "funding" {
				t.waiting[bank]++
			}
			return nil
		}
		auth, err := message.Decode[message.Auth](wire.MsgAuth, raw)
		if err != nil {
			return fmt.Errorf("an account's AUTH: %w", err)
		}
		name := hex.EncodeToString(handle)
		if hex.EncodeToString(auth.Handle[:]) != name {
			r.find(t.party, "account %x stands under another handle than its AUTH", tid)
		}
		if _, twice := t.credits[name]; twice {
			r.find(t.party, "handle %s was booked twice", name)
		}
		t.credits[name] = credit{
			tid: hex.EncodeToString(tid), bank: bank,
			minor: int64(auth.Limit), //nolint:gosec // a bank's limit, below money.MaxMinor
		}
		return nil
	})
}
