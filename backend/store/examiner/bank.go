package examiner

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"
)

// funding is what a bank has moved into a TSM's escrow.
type funding struct {
	user, tsm string
	minor     int64
	returned  int64 // what came back of it
	over      bool  // it came back
}

// bank is a bank's store.
type bank struct {
	party     string
	books     books
	handedIn  int64 // by users, over the counter
	customers int64 // what the bank owes to users
	fundings  map[string]funding
	draws     map[draw]int64   // paid out to TSMs
	drawn     map[string]int64 // of that, by TSM
	repaid    map[string]int64 // by TSM
}

// read reads the bank's rows and holds them against its books.
func (b *bank) read(ctx context.Context, db *sql.DB, r *Report) error {
	owed := map[string]int64{}
	err := each(ctx, db, `SELECT user_id, deposit FROM users WHERE open <> 0`,
		func(scan func(...any) error) error {
			var user string
			var deposit int64
			if err := scan(&user, &deposit); err != nil {
				return err
			}
			owed[user] = deposit
			b.handedIn += deposit
			return nil
		})
	if err != nil {
		return err
	}
	if err := b.readFundings(ctx, db, owed); err != nil {
		return err
	}
	if err := b.readDraws(ctx, db); err != nil {
		return err
	}
	escrow := map[string]int64{}
	for _, f := range b.fundings {
		escrow[f.tsm] += f.minor - f.returned
		if f.returned < 0 || f.returned > f.minor {
			r.find(b.party, "%d of %d came back of one funding", f.returned, f.minor)
		}
	}
	for name, minor := range b.drawn {
		escrow[name] -= minor
	}
	for name, minor := range b.repaid {
		escrow[name] += minor
	}
	b.compare(r, owed, escrow)
	return nil
}

func (b *bank) readFundings(ctx context.Context, db *sql.DB, owed map[string]int64) error {
	b.fundings = map[string]funding{}
	const query = `SELECT f.handle, f.amount, f.tsm, a.user_id, coalesce(f.returned, 0),
		f.returned IS NOT NULL FROM fundings f JOIN accounts a ON a.account = f.account`
	return each(ctx, db, query, func(scan func(...any) error) error {
		var handle []byte
		var f funding
		if err := scan(&handle, &f.minor, &f.tsm, &f.user, &f.returned, &f.over); err != nil {
			return err
		}
		b.fundings[hex.EncodeToString(handle)] = f
		owed[f.user] -= f.minor - f.returned
		return nil
	})
}

// cash is what the bank must have: handed in, and what went to TSMs and came back from them.
func (b *bank) cash() int64 {
	minor := b.handedIn
	for _, drawn := range b.drawn {
		minor -= drawn
	}
	for _, repaid := range b.repaid {
		minor += repaid
	}
	return minor
}

// compare holds each account against what the rows say it must have.
func (b *bank) compare(r *Report, owed, escrow map[string]int64) {
	for account := range b.books.kinds {
		balance, kind := b.books.balance(account), "cash"
		want := b.cash()
		if name, ok := strings.CutPrefix(account, "customer/"); ok {
			kind, want = "customer", owed[name]
			b.customers += balance
			delete(owed, name)
		} else if name, ok := strings.CutPrefix(account, "escrow/"); ok {
			kind, want = "escrow", escrow[name]
			delete(escrow, name)
		} else if account != "cash" {
			r.find(b.party, "account %s has no purpose", account)
			continue
		}
		if balance != want {
			r.find(b.party, "%s account %s has %d, the rows say %d", kind, account, balance, want)
		}
	}
	for name, minor := range owed {
		if minor != 0 {
			r.find(b.party, "%d are owed to %s, who has no account", minor, name)
		}
	}
	for name, minor := range escrow {
		if minor == 0 {
			continue
		}
		r.find(b.party, "%d were moved to %s, which has no escrow", minor, name)
	}
}
