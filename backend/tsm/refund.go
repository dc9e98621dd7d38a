package tsm

import (
	"context"
	"crypto/sha256"
	"errors"

	"tapbench/backend/acquirer"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
)

// opRefund is the operation under which answers to refunds are kept.
const opRefund = "acquirer/0200"

// Refund gives a payment back to the account whose card paid, or a part of it. All refunds of a
// payment together are never more than it. The same request again gets the first answer again. The
// checks, in this order: the payment is there, has the reference number and stands; the amount is
// at most what is left of it; the account hasn't ended; the merchant's balance covers it.
func (t *TSM) Refund(
	ctx context.Context, q acquirer.RefundRequest,
) (acquirer.RefundResponse, error) {
	original := q.Original.Sum()
	identity := append(q.Amount.AppendBinary(original[:]), q.RRN...)
	return once(ctx, t, opRefund, q.Sum(), sha256.Sum256(identity),
		acquirer.RefundResponse{Code: acquirer.CodeDuplicate},
		func(tx store.Tx) (acquirer.RefundResponse, error) {
			p, code, err := t.refundable(ctx, tx, q)
			if err == nil && code.Approved() {
				code, err = t.giveBack(ctx, tx, q, p)
			}
			if err != nil || !code.Approved() {
				return acquirer.RefundResponse{Code: code}, err
			}
			return acquirer.RefundResponse{Code: code, RRN: reference(q.Sum())}, nil
		})
}

// refundable makes Refund's checks that need no balance.
func (t *TSM) refundable(
	ctx context.Context, tx store.Tx, q acquirer.RefundRequest,
) (payment, acquirer.Code, error) {
	original := q.Original.Sum()
	p, ok, err := getPayment(ctx, tx, original)
	if err != nil {
		return p, "", err
	}
	gone, err := reversed(ctx, tx, original)
	if err != nil {
		return p, "", err
	}
	if !ok || gone || q.RRN != reference(original) {
		return p, acquirer.CodeInvalidTransaction, nil
	}
	before, err := refunded(ctx, tx, original)
	if err != nil {
		return p, "", err
	}
	if q.Amount.Currency() != t.currency() || q.Amount.Minor() > p.minor-before {
		return p, acquirer.CodeInvalidAmount, nil
	}
	over, err := ended(ctx, tx, p.tid)
	if err == nil && over {
		return p, acquirer.CodeExpiredCard, nil
	}
	return p, acquirer.CodeApproved, err
}

// refunded returns what was given back of a payment.
func refunded(ctx context.Context, tx store.Tx, sum [sha256.Size]byte) (minor int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(sum(amount), 0) FROM refunds WHERE payment = $1`,
		sum[:]).Scan(&minor)
	return minor, err
}

// giveBack books a refund, or says why it can't be booked.
func (t *TSM) giveBack(
	ctx context.Context, tx store.Tx, q acquirer.RefundRequest, p payment,
) (acquirer.Code, error) {
	refund := q.Sum()
	_, err := ledger.Execute(ctx, tx, ledger.Transfer{
		ID:    ledger.NewTransferID([]byte("refund"), refund[:]),
		Debit: merchant(p.merchant), Credit: prepaid(p.tid), Amount: q.Amount, Reason: "refund",
	})
	if errors.Is(err, ledger.ErrInsufficient) {
		return acquirer.CodeInsufficientFunds, nil
	}
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO refunds (refund, payment, amount) VALUES ($1, $2, $3)`,
		refund[:], p.sum[:], q.Amount.Minor())
	if err != nil {
		return "", err
	}
	var more acquirer.Totals
	more.Refunds.Add(q.Amount)
	_, err = tally(ctx, tx, q.Key, more)
	return acquirer.CodeApproved, err
}
