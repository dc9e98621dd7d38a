package tsm

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/payout"
	"tapbench/backend/store"
)

// booking is what a batch books: rows, and their sums.
type booking struct {
	batch  payout.Batch
	rows   []claimRow
	at     map[message.Hash]int // of rows, by key
	guilty []guilty
	tokens int64  // minor units, out of tokens
	losses int64  // minor units, out of the loss
	id     []byte // what is booked: key and last unit of each
	claims int
}

// guilty is a claim that proves a double spending.
type guilty struct {
	claim    payout.Claim
	decision payout.Decision
	tid      message.TID
}

func (g guilty) minor() int64 { return int64(g.decision.Loss.Units()) * int64(g.claim.Unit) }

func newBooking(b payout.Batch) *booking {
	return &booking{batch: b, at: make(map[message.Hash]int, len(b.Claims))}
}

// add takes a decision on. Several claims of one commitment make one row.
func (b *booking) add(c payout.Claim, d payout.Decision, s *standing) error {
	paid := d.Token.Units() > 0
	if paid || d.Loss.Units() > 0 {
		b.id = append(append(b.id, c.Key[:]...), c.To)
		b.claims++
	}
	if paid {
		r := claimRow{claim: c, party: b.batch.Party, units: d.Token, there: s.kept[c.Key]}
		b.tokens += r.minor()
		if i, ok := b.at[c.Key]; ok {
			if b.rows[i].units.To != r.units.From {
				return fmt.Errorf("claim %x is paid from %d on after %d", c.Key, r.units.From,
					b.rows[i].units.To)
			}
			r.units = token.Interval{From: b.rows[i].units.From, To: r.units.To}
			b.rows[i] = r
		} else {
			b.at[c.Key] = len(b.rows)
			b.rows = append(b.rows, r)
		}
	}
	if d.Guilt != payout.Innocent {
		g := guilty{claim: c, decision: d, tid: s.tid}
		b.losses += g.minor()
		b.guilty = append(b.guilty, g)
	}
	return nil
}

// bookBatch writes a batch down: first its rows, as the proof of a double spending needs them, and
// then its money. A batch that changes nothing writes nothing.
func (t *TSM) bookBatch(ctx context.Context, tx store.Tx, b *booking) error {
	var fresh [][]any
	for _, r := range b.rows {
		if r.there {
			if err := raiseClaim(ctx, tx, r); err != nil {
				return err
			}
		} else {
			fresh = append(fresh, r.values())
		}
		if err := payUnits(ctx, tx, r.claim.Token, r.units.From, r.units.To); err != nil {
			return err
		}
	}
	if err := insertRows(ctx, tx, insertClaims, fresh); err != nil {
		return fmt.Errorf("keeping claims: %w", err)
	}
	for _, g := range b.guilty {
		if err := t.punish(ctx, tx, b.batch.Party, g); err != nil {
			return err
		}
	}
	return t.bookMoney(ctx, tx, b)
}

// bookMoney moves a batch's sums to the merchant, by one transfer from each side.
func (t *TSM) bookMoney(ctx context.Context, tx store.Tx, b *booking) error {
	if b.claims == 0 {
		return nil
	}
	id := ledger.NewTransferID([]byte("payout batch"), b.id)
	for _, part := range []struct {
		from   ledger.AccountID
		minor  int64
		reason string
	}{{tokens, b.tokens, "offline"}, {loss, b.losses, "double-spending"}} {
		if part.minor == 0 {
			continue
		}
		amount, err := money.New(part.minor, t.currency())
		if err != nil {
			return err
		}
		err = t.credit(ctx, tx, b.batch.Party, ledger.Transfer{
			ID:    ledger.NewTransferID([]byte(part.from), id[:]),
			Debit: part.from, Amount: amount, Reason: part.reason,
		})
		if err != nil {
			return fmt.Errorf("paying a batch: %w", err)
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO batches
		(batch, merchant, sequence, claims, amount, loss) VALUES ($1, $2, $3, $4, $5, $6)`,
		id[:], b.batch.Party.String(), int64(b.batch.Sequence), int64(b.claims), b.tokens, b.losses)
	if err != nil {
		return fmt.Errorf("keeping a batch: %w", err)
	}
	return nil
}
