package examiner

import (
	"context"
	"database/sql"
	"encoding/hex"

	"tapbench/applet/message"
)

// token is a row of the TSM's tokens; all but unit in units.
type token struct {
	unit, length, paid, back int64
	at                       sql.NullInt64
	state                    string

	claims []paid                // out of the token
	proven map[message.Hash]bool // statements that were claimed against others of the token
}

// paid is a statement of which units were paid.
type paid struct {
	account message.Hash // over its signed fields
	units   interval     // that were paid
}

// closed is what came back when the element closed the token.
func (k token) closed() int64 {
	if !k.at.Valid {
		return 0
	}
	return k.length - k.at.Int64
}

// open is what is neither paid nor back.
func (k token) open() int64 { return k.length - k.paid - k.back }

// sound reports whether the units add up for the token's state.
func (k token) sound() bool {
	fits := k.paid >= 0 && k.open() >= 0 && k.closed() >= 0 && k.back >= k.closed()
	switch k.state {
	case "open":
		return fits && !k.at.Valid && k.back == 0
	case "closed":
		return fits && k.at.Valid && k.back == k.closed()
	case "reclaimed":
		return fits && k.open() == 0
	default:
		return false
	}
}

// readTokens holds tokens against the movements from and to their accounts, and adds to owed what
// they say of those. What merchants were paid for units is payout's.
func (t *tsm) readTokens(
	ctx context.Context, db *sql.DB, r *Report, owed map[string]int64,
) error {
	t.issued = map[message.Hash]*token{}
	moved := map[string]int{}
	for _, m := range t.books.movements {
		if m.reason == "withdraw" || m.reason == "close" || m.reason == "reclaim" {
			moved[key(m)]++
		}
	}
	const query = `SELECT tokid, tid, unit, length, paid, back, closed_at, state FROM tokens`
	err := each(ctx, db, query, func(scan func(...any) error) error {
		var id, tid []byte
		var k token
		err := scan(&id, &tid, &k.unit, &k.length, &k.paid, &k.back, &k.at, &k.state)
		if err != nil {
			return err
		}
		k.proven = map[message.Hash]bool{}
		t.issued[hashOf(id)] = &k
		if !k.sound() {
			r.find(t.party, "token %x is %s with %d units, %d paid and %d back", id[:min(4, len(id))],
				k.state, k.length, k.paid, k.back)
		}
		account := "account/" + hex.EncodeToString(tid)
		moved[key(movement{account, "tokens", "withdraw", k.length * k.unit})]--
		for reason, units := range map[string]int64{"close": k.closed(), "reclaim": k.back - k.closed()} {
			if units > 0 {
				moved[key(movement{"tokens", account, reason, units * k.unit})]--
			}
		}
		owed[account] -= (k.length - k.back) * k.unit
		owed["tokens"] += k.open() * k.unit
		t.tokens += k.open() * k.unit
		return nil
	})
	for what, n := range moved {
		if n != 0 {
			r.find(t.party, "movements and tokens differ by %d: %s", n, what)
		}
	}
	return err
}

// hashOf returns a hash as a row holds it. One of another length is none, and finds nothing.
func hashOf(raw []byte) (h message.Hash) {
	if len(raw) == len(h) {
		h = message.Hash(raw)
	}
	return h
}
