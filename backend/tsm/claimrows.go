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
	tid message.TID
	// kept are the keys of the rows of claims: what comes to one of them changes it.
	kept map[message.Hash]bool
}

// standingsOf reads how the tokens of a batch's claims stand. A token that isn't there is left out.
func standingsOf(
	ctx context.Context, tx store.Tx, b payout.Batch, refused []*payout.RefusedError,
) (map[message.Hash]*standing, error) {
	standings := make(map[message.Hash]*standing, len(b.Claims))
	ids := make([]any, 0, len(b.Claims))
	seen := make(map[message.Hash]bool, len(b.Claims))
	for i := range b.Claims {
		if id := &b.Claims[i].Token; refused[i] == nil && !seen[*id] {
			seen[*id] = true
			ids = append(ids, id[:])
		}
	}
	for len(ids) > 0 {
		n := min(len(ids), idsAtOnce)
		if err := readStandings(ctx, tx, ids[:n], standings); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return standings, nil
}

// idsAtOnce is how many tokens are asked for in one statement.
const idsAtOnce = 256

// selectStandings has one row for each statement of a token that was paid, or one without any.
const selectStandings = `SELECT t.tokid, t.tid, t.state, t.closed_at, c.claim, c.from_unit,
	c.to_unit, c.ticked, c.merchant, c.lost FROM tokens t LEFT JOIN (
		SELECT tokid, claim, from_unit, to_unit, ticked, merchant, 0 AS lost FROM claims
		UNION ALL SELECT tokid, claim, from_unit, to_unit, ticked, merchant, 1 AS lost
		FROM doublespends WHERE paid > 0
	) c ON c.tokid = t.tokid WHERE t.tokid IN (`

func readStandings(
	ctx context.Context, tx store.Tx, ids []any, into map[message.Hash]*standing,
) error {
	err := eachRow(ctx, tx, selectStandings+places(1, len(ids))+`)`,
		func(scan func(...any) error) error { return scanStanding(scan, into) }, ids...)
	if err != nil {
		return fmt.Errorf("reading how tokens stand: %w", err)
	}
	return nil
}

func scanStanding(scan func(...any) error, into map[message.Hash]*standing) error {
	var id, tid, claim []byte
	var state TokenState
	var at, from, to, ticked, lost sql.NullInt64
	var party sql.NullString
	if err := scan(&id, &tid, &state, &at, &claim, &from, &to, &ticked, &party, &lost); err != nil {
		return err
	}
	key := message.Hash(id)
	s := into[key]
	if s == nil {
		s = &standing{tid: message.TID(tid)}
		s.Reclaimed = state == TokenReclaimed
		s.Closed, s.At = at.Valid, uint8(at.Int64) //nolint:gosec // written from a uint8
		into[key] = s
	}
	if claim == nil {
		return nil
	}
	taken := payout.Taken{
		Key: message.Hash(claim), Party: message.NewPartyID(party.String),
		Statement: token.Interval{
			From: uint8(from.Int64), To: uint8(to.Int64), //nolint:gosec // written from uint8
		},
		To: uint8(ticked.Int64), Lost: lost.Int64 != 0, //nolint:gosec // written from a uint8
	}
	s.Taken = append(s.Taken, taken)
	if !taken.Lost {
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
const rowsAtOnce = 64

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
