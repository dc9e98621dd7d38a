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
	returned  int64 // what has left the books for the bank
	reserved  int64 // what is to leave them, on the bank's receipt
}

// tsm is a TSM's store.
type tsm struct {
	party     string
	books     books
	credits   map[string]credit // by handle
	payments  map[string]payment
	refunds   map[string]int64 // by the TSM's name of the refund
	waiting   map[string]int   // registrations that wait for AUTH, by bank
	accounts  int64            // what the TSM owes to users
	merchants int64            // what the TSM owes to merchants
	tokens    int64            // what the TSM owes for offline tokens
	loss      int64            // what the TSM has paid for units that were spent twice
	issued    map[message.Hash]*token
	draws     map[draw]int64   // asked for
	drawn     map[string]int64 // of that what is booked, by bank
	repaid    map[string]int64 // by bank
	paidOut   map[string]int64 // by merchant
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
	t.readReturns(r)
	owed := map[string]int64{}
	for _, c := range t.credits {
		owed["account/"+c.tid] += c.minor - c.returned
		owed["escrow/"+c.bank] += c.minor - c.returned
	}
	if err := t.readPayments(ctx, db, r, owed); err != nil {
		return err
	}
	if err := t.readTokens(ctx, db, r, owed); err != nil {
		return err
	}
	if err := t.readClaims(ctx, db, r, owed); err != nil {
		return err
	}
	if err := t.readSettlement(ctx, db); err != nil {
		return err
	}
	for bank, minor := range t.drawn {
		owed["escrow/"+bank] -= minor
	}
	for bank, minor := range t.repaid {
		owed["escrow/"+bank] += minor
	}
	for merchant, minor := range t.paidOut {
		owed["merchant/"+merchant] -= minor
	}
	owed["cash"] = t.cash()
	t.compare(r, owed)
	return nil
}

// compare holds each account against what the rows say it must have.
func (t *tsm) compare(r *Report, owed map[string]int64) {
	for account := range t.books.kinds {
		balance := t.books.balance(account)
		switch {
		case strings.HasPrefix(account, "account/"):
			t.accounts += balance
		case strings.HasPrefix(account, "merchant/"):
			t.merchants += balance
		case account != "cash" && account != "tokens" && account != "loss" &&
			!strings.HasPrefix(account, "escrow/"):
			r.find(t.party, "account %s has no purpose", account)
			continue
		}
		if want := owed[account]; balance != want {
			r.find(t.party, "account %s has %d, the rows say %d", account, balance, want)
		}
		delete(owed, account)
	}
	for account, minor := range owed {
		if minor != 0 {
			r.find(t.party, "%d are owed to %s, which isn't there", minor, account)
		}
	}
}

// readReturns finds what has gone back to the banks, or is to.
func (t *tsm) readReturns(r *Report) {
	account := map[string]string{} // handles
	for handle, c := range t.credits {
		account["account/"+c.tid] = handle
	}
	book := func(m movement, minor, reserved int64) {
		handle, ok := account[m.debit]
		c := t.credits[handle]
		if !ok || m.reason != "return" || m.credit != "escrow/"+c.bank ||
			c.returned != 0 || c.reserved != 0 {
			r.find(t.party, "%s: nobody asked for it, or it came twice", key(m))
			return
		}
		c.returned, c.reserved = minor, reserved
		t.credits[handle] = c
	}
	for _, m := range t.books.movements {
		if m.reason == "return" {
			book(m, m.minor, 0)
		}
	}
	for _, m := range t.books.reserved {
		if m.reason != "draw" { // until the bank's receipt comes
			book(m, 0, m.minor)
		}
	}
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
