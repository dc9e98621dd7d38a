package tsm

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/store"
)

// opAdvise is the operation under which answers to advices are kept.
const opAdvise = "acquirer/0220"

// Advise keeps the TC of a payment as evidence that the card agreed to its end. It moves no money,
// and no answer to it undoes a payment. The checks, in this order: the payment is there, has the
// reference number and amount, and stands; the TC is the card's, over what its key has signed.
func (t *TSM) Advise(
	ctx context.Context, q acquirer.AdviceRequest,
) (acquirer.AdviceResponse, error) {
	original := q.Original.Sum()
	identity := append(q.Amount.AppendBinary(nil), q.RRN...)
	identity = append(identity, q.Completion.Encode()...)
	return once(ctx, t, opAdvise, original, sha256.Sum256(identity),
		acquirer.AdviceResponse{Code: acquirer.CodeDuplicate},
		func(tx store.Tx) (acquirer.AdviceResponse, error) {
			code, err := t.note(ctx, tx, q)
			if err != nil || !code.Approved() {
				return acquirer.AdviceResponse{Code: code}, err
			}
			return acquirer.AdviceResponse{Code: code, RRN: q.RRN}, nil
		})
}

// note makes Advise's checks and keeps the completion.
func (t *TSM) note(
	ctx context.Context, tx store.Tx, q acquirer.AdviceRequest,
) (acquirer.Code, error) {
	original := q.Original.Sum()
	p, ok, err := getPayment(ctx, tx, original)
	if err != nil {
		return "", err
	}
	gone, err := reversed(ctx, tx, original)
	if err != nil {
		return "", err
	}
	if !ok || gone || q.RRN != reference(original) || p.minor != q.Amount.Minor() ||
		q.Amount.Currency() != t.currency() {
		return acquirer.CodeInvalidTransaction, nil
	}
	var pan, tap []byte
	err = tx.QueryRowContext(ctx, `SELECT pan, tap FROM payments WHERE payment = $1`, original[:]).
		Scan(&pan, &tap)
	if err != nil {
		return "", err
	}
	c, ok, err := getIssued(ctx, tx, emv.PAN(pan))
	if err != nil || !ok {
		return acquirer.CodeInvalidTransaction, err
	}
	if !completes(q.Completion, c.put, emv.PAN(pan), tap) {
		return acquirer.CodeSecurity, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO completions (payment, completion) VALUES ($1, $2)`,
		original[:], q.Completion.Encode())
	return acquirer.CodeApproved, err
}

// completes reports whether a completion is the card's TC over the tap that was authorised.
func completes(d acquirer.Completion, put message.CardPut, pan emv.PAN, tap []byte) bool {
	kept, err := message.Decode[struct {
		Tap       message.Tap
		Signature message.Signature
	}](wire.SigTap, tap)
	tc := d.Cryptogram(emv.MasterKey(put.MasterKey))
	return err == nil && d.CID&0xC0 == emv.CIDTC && kept.Tap == d.TapMessage(pan) &&
		subtle.ConstantTimeCompare(tc[:], d.TC[:]) == 1
}
