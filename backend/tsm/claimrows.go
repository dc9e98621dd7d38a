package tsm

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/payout"
	"tapbench/backend/store"
)

// standing is how a token stands before a batch.
type standing struct {
	payout.Standing
	tid    message.TID
	paid   bool // some of it was
	frozen bool // the account is
	// kept are the keys of the rows of claims: what comes to one of them changes it.
	kept map[message.Hash]bool
}

// standingsOf reads how the tokens of a batch's claims stand. A token that isn't there is left out.
// What was claimed of a token is read only if there is something.
func standingsOf(
	ctx context.Context, tx store.Tx, b payout.Batch, refused []*payout.RefusedError,
) (map[message.Hash]*standing, error) {
	all := make(map[message.Hash]*standing, len(b.Claims))
	ids := make([]any, 0, len(b.Claims))
	for i := range b.Claims {
		id := &b.Claims[i].Token
		if _, seen := all[*id]; refused[i] == nil && !seen {
			all[*id] = nil
			ids = append(ids, id[:])
		}
	}
	err := eachOf(ctx, tx, `SELECT tokens.tokid, tokens.tid, state, closed_at, paid, frozen.tid
		FROM tokens LEFT JOIN frozen ON frozen.tid = tokens.tid WHERE tokid IN `, ids,
		func(scan func(...any) error) error { return scanStanding(scan, all) })
	if err != nil {
		return nil, fmt.Errorf("reading tokens: %w", err)
	}
	var paid, frozen []any
	for id, s := range all {
		if s == nil {
			delete(all, id)
			continue
		}
		if s.paid {
			paid = append(paid, id[:])
		}
		if s.frozen {
			frozen = append(frozen, id[:])
		}
	}
	for _, table := range []struct {
		name string
		ids  []any
		lost bool
	}{{"claims", paid, false}, {"doublespends", frozen, true}} {
		err := eachOf(ctx, tx, `SELECT tokid, claim, from_unit, to_unit, ticked, merchant
			FROM `+table.name+` WHERE paid > 0 AND tokid IN `, table.ids,
			func(scan func(...any) error) error { return scanTaken(scan, all, table.lost) })
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", table.name, err)
		}
	}
	return all, nil
}

// idsAtOnce is how many tokens are asked for in one statement.
const idsAtOnce = 256

// eachOf calls row for every row of a query that ends before a list of values.
func eachOf(
	ctx context.Context, tx store.Tx, query string, ids []any, row func(func(...any) error) error,
) error {
	for len(ids) > 0 {
		n := min(len(ids), idsAtOnce)
		err := eachRow(ctx, tx, query+"("+places(1, n)+")", row, ids[:n]...)
		if err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func scanStanding(scan func(...any) error, all map[message.Hash]*standing) error {
	var id, tid, frozen []byte
	var state TokenState
	var at sql.NullInt64
	var paid int64
	if err := scan(&id, &tid, &state, &at, &paid, &frozen); err != nil {
		return err
	}
	s := &standing{tid: message.TID(tid), paid: paid > 0, frozen: frozen != nil}
	s.Reclaimed = state == TokenReclaimed
	s.Closed, s.At = at.Valid, uint8(at.Int64) //nolint:gosec // written from a uint8
	all[message.Hash(id)] = s
	return nil
}

func scanTaken(scan func(...any) error, all map[message.Hash]*standing, lost bool) error {
	var id, claim []byte
	var party string
	taken := payout.Taken{Lost: lost}
	err := scan(&id, &claim, &taken.Statement.From, &taken.Statement.To, &taken.To, &party)
	if err != nil {
		return err
	}
	taken.Key, taken.Party = message.Hash(claim), message.NewPartyID(party)
	s := all[message.Hash(id)]
	s.Taken = append(s.Taken, taken)
	if !lost {
		if s.kept == nil {
			s.kept = make(map[message.Hash]bool)
		}
		s.kept[taken.Key] = true
	}
	return nil
}

// claimRow is a row of claims that a batch adds, or changes.
type claimRow struct {
	claim payout.Claim
	party message.PartyID
	units token.Interval // that are paid now
	there bool           // the row is, before the batch
}

func (r claimRow) minor() int64 { return int64(r.units.Units()) * int64(r.claim.Unit) }

// paidMinor is what the row comes to in all.
func (r claimRow) paidMinor() int64 {
	all := token.Interval{From: r.claim.Statement.From, To: r.units.To}
	return int64(all.Units()) * int64(r.claim.Unit)
}

const insertClaims = `INSERT INTO claims
	(tokid, claim, from_unit, to_unit, ticked, merchant, statement, paid) VALUES `

func (r claimRow) values() []any {
	c := r.claim
	return []any{
		c.Token[:], c.Key[:], int64(c.Statement.From), int64(c.Statement.To), int64(r.units.To),
		r.party.String(), c.Proof(), r.paidMinor(),
	}
}

// raiseClaim writes down that more ticks of a commitment were paid.
func raiseClaim(ctx context.Context, tx store.Tx, r claimRow) error {
	_, err := tx.ExecContext(ctx, `UPDATE claims SET ticked = $1, statement = $2, paid = $3
		WHERE tokid = $4 AND claim = $5`,
		int64(r.units.To), r.claim.Proof(), r.paidMinor(), r.claim.Token[:], r.claim.Key[:])
	if err != nil {
		return fmt.Errorf("paying more of a claim: %w", err)
	}
	return nil
}

// insertRows adds rows of one form, many in one statement. The number of rows of a statement is one
// of a few, as each text is prepared once.
func insertRows(ctx context.Context, tx store.Tx, insert string, rows [][]any) error {
	for len(rows) > 0 {
		n := 1
		for n*4 <= min(len(rows), rowsAtOnce) {
			n *= 4
		}
		args := make([]any, 0, n*len(rows[0]))
		texts := make([]string, n)
		for i, row := range rows[:n] {
			texts[i] = "(" + places(len(args)+1, len(row)) + ")"
			args = append(args, row...)
		}
		if _, err := tx.ExecContext(ctx, insert+strings.Join(texts, ","), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// rowsAtOnce is how many rows one statement adds at most.
const rowsAtOnce = 256

// places returns so many parameters, the first one's number being first.
func places(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}
