package examiner

import (
	"context"
	"database/sql"
)

// readClaims holds what merchants were paid for offline payments against tokens and movements, and
// adds to owed what it says of merchants and of the loss.
func (t *tsm) readClaims(
	ctx context.Context, db *sql.DB, r *Report, owed map[string]int64,
) error {
	claimed, err := t.readUnits(ctx, db, r)
	if err != nil {
		return err
	}
	var losses int64
	const proven = `SELECT tokid, claim, paid FROM doublespends`
	err = each(ctx, db, proven, func(scan func(...any) error) error {
		var id, claim []byte
		var minor int64
		err := scan(&id, &claim, &minor)
		losses += minor
		if k := t.issued[hashOf(id)]; k != nil {
			k.proven[hashOf(claim)] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	moved := map[string]int{}
	for _, m := range t.books.movements {
		if m.reason == "offline" || m.reason == "double-spending" {
			moved[key(m)]++
		}
	}
	const query = `SELECT merchant, amount, loss FROM batches`
	err = each(ctx, db, query, func(scan func(...any) error) error {
		var merchant string
		var minor, loss int64
		if err := scan(&merchant, &minor, &loss); err != nil {
			return err
		}
		merchant = "merchant/" + merchant
		if minor > 0 {
			moved[key(movement{"tokens", merchant, "offline", minor})]--
		}
		if loss > 0 {
			moved[key(movement{"loss", merchant, "double-spending", loss})]--
		}
		owed[merchant] += minor + loss
		owed["loss"] += loss
		t.loss += loss
		claimed -= minor
		losses -= loss
		return nil
	})
	if claimed != 0 || losses != 0 {
		r.find(t.party, "claims come to %d and %d out of the loss more than their batches", claimed,
			losses)
	}
	for what, n := range moved {
		if n != 0 {
			r.find(t.party, "movements and batches differ by %d: %s", n, what)
		}
	}
	return err
}

// readUnits holds claims against their tokens, unit by unit, and returns what they come to.
func (t *tsm) readUnits(ctx context.Context, db *sql.DB, r *Report) (claimed int64, err error) {
	taken := map[string][256]bool{} // by token: units from 0
	sums := map[string]int64{}
	const query = `SELECT tokid, claim, from_unit, to_unit, ticked, paid FROM claims`
	err = each(ctx, db, query, func(scan func(...any) error) error {
		var id, claim []byte
		var from, to, ticked uint8
		var minor int64
		if err := scan(&id, &claim, &from, &to, &ticked, &minor); err != nil {
			return err
		}
		if k := t.issued[hashOf(id)]; k != nil {
			k.claims = append(k.claims, paid{hashOf(claim), interval{from, ticked}})
		}
		units := taken[string(id)]
		for unit := from; unit < to; unit++ {
			if units[unit] {
				r.find(t.party, "unit %d of token %x was claimed twice", unit, id[:min(4, len(id))])
			}
			units[unit] = true
		}
		taken[string(id)] = units
		sums[string(id)] += minor
		claimed += minor
		return nil
	})
	if err != nil {
		return 0, err
	}
	const rows = `SELECT tokid, unit * paid FROM tokens`
	err = each(ctx, db, rows, func(scan func(...any) error) error {
		var id []byte
		var paid int64
		if err := scan(&id, &paid); err != nil {
			return err
		}
		if paid != sums[string(id)] {
			r.find(t.party, "token %x has paid %d, its claims say %d", id[:min(4, len(id))], paid,
				sums[string(id)])
		}
		delete(sums, string(id))
		return nil
	})
	if len(sums) > 0 {
		r.find(t.party, "%d claims of tokens that aren't there", len(sums))
	}
	return claimed, err
}
