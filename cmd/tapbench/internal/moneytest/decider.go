package moneytest

import (
	"context"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
)

// named adds what the TSM knows of a caller by its certificate.
func (d decider) named(k acquirer.Key) acquirer.Key {
	k.Party = message.NewPartyID(d.party)
	return k
}

// Authorise implements [acquirer.Decider]; and so below.
func (d decider) Authorise(
	ctx context.Context, q acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	q.Key = d.named(q.Key)
	return carry(d.World, func() (acquirer.AuthorisationResponse, error) {
		return d.face.TSM.Authorise(ctx, q)
	})
}

// Reverse takes a payment back.
func (d decider) Reverse(
	ctx context.Context, q acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	q.Key, q.Original = d.named(q.Key), d.named(q.Original)
	return carry(d.World, func() (acquirer.ReversalResponse, error) {
		if d.bugs.LoseReversals {
			return acquirer.ReversalResponse{Code: acquirer.CodeApproved}, nil
		}
		return d.face.TSM.Reverse(ctx, q)
	})
}

// Refund gives back.
func (d decider) Refund(
	ctx context.Context, q acquirer.RefundRequest,
) (acquirer.RefundResponse, error) {
	q.Key = d.named(q.Key)
	return carry(d.World, func() (acquirer.RefundResponse, error) { return d.face.TSM.Refund(ctx, q) })
}

// Advise notes a completion.
func (d decider) Advise(
	ctx context.Context, q acquirer.AdviceRequest,
) (acquirer.AdviceResponse, error) {
	q.Key, q.Original = d.named(q.Key), d.named(q.Original)
	return carry(d.World, func() (acquirer.AdviceResponse, error) { return d.face.TSM.Advise(ctx, q) })
}

// Reconcile closes a day.
func (d decider) Reconcile(
	ctx context.Context, q acquirer.ReconcileRequest,
) (acquirer.ReconcileResponse, error) {
	q.Key = d.named(q.Key)
	return carry(d.World, func() (acquirer.ReconcileResponse, error) {
		return d.face.TSM.Reconcile(ctx, q)
	})
}
