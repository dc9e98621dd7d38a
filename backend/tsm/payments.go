package tsm

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

// payment is a row of payments.
type payment struct {
	sum      [sha256.Size]byte
	pan      emv.PAN
	tid      message.TID // read only
	merchant message.PartyID
	amount   money.Amount // written only
	minor    int64        // read only
	tap      []byte
	atc      uint16
	day      int64 // of the terminal that took it
}

// putPayment keeps a payment with its evidence and spends the card.
func putPayment(ctx context.Context, tx store.Tx, p payment) error {
	pan := p.pan.Bytes()
	_, err := tx.ExecContext(ctx, `INSERT INTO payments
		(payment, pan, merchant, amount, tap, day) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.sum[:], pan[:], p.merchant.String(), p.amount.Minor(), p.tap, p.day)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE cards SET spent = 1, atc = $1, paid = paid + $2
		WHERE pan = $3`, int64(p.atc), p.amount.Minor(), pan[:])
	return err
}

// getPayment returns a booked payment and whether there is one.
func getPayment(ctx context.Context, tx store.Tx, sum [sha256.Size]byte) (payment, bool, error) {
	p := payment{sum: sum}
	var tid []byte
	var name string
	err := tx.QueryRowContext(ctx, `SELECT cards.tid, merchant, amount, day FROM payments
		JOIN cards ON cards.pan = payments.pan WHERE payment = $1`, sum[:]).
		Scan(&tid, &name, &p.minor, &p.day)
	if errors.Is(err, sql.ErrNoRows) {
		return payment{}, false, nil
	}
	copy(p.tid[:], tid)
	p.merchant = message.NewPartyID(name)
	return p, err == nil, err
}

// putReversal remembers that an authorisation was reversed, whether it ever came or not. If it did,
// its card has paid so much less.
func putReversal(
	ctx context.Context, tx store.Tx, original [sha256.Size]byte, minor int64,
) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO reversals (payment) VALUES ($1)`, original[:])
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE cards SET paid = paid - $1
		WHERE pan = (SELECT pan FROM payments WHERE payment = $2)`, minor, original[:])
	return err
}

func reversed(ctx context.Context, tx store.Tx, sum [sha256.Size]byte) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM reversals WHERE payment = $1`, sum[:]).
		Scan(&n)
	return n > 0, err
}
