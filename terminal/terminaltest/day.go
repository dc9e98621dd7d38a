package terminaltest

import (
	"context"

	"tapbench/applet/emv"
	"tapbench/backend/acquirer"
)

// around runs a decision between Before and After.
func around[A any](i *Issuer, what string, decide func() A) (A, error) {
	var none A
	if i.Before != nil {
		if err := i.Before(what); err != nil {
			return none, err
		}
	}
	i.mu.Lock()
	a := decide()
	i.mu.Unlock()
	if i.After != nil {
		if err := i.After(what); err != nil {
			return none, err
		}
	}
	return a, nil
}

// Refund implements acquirer.Decider.
func (i *Issuer) Refund(
	_ context.Context, q acquirer.RefundRequest,
) (acquirer.RefundResponse, error) {
	return around(i, "refund", func() acquirer.RefundResponse {
		if a, ok := i.refunds[q.Sum()]; ok {
			return a
		}
		sum := q.Original.Sum()
		paid, ok := i.booked[sum]
		a := acquirer.RefundResponse{Code: acquirer.CodeApproved, RRN: "R" + q.RRN[1:]}
		switch {
		case !ok || i.answers[sum].RRN != q.RRN:
			a = acquirer.RefundResponse{Code: acquirer.CodeInvalidTransaction}
		case i.returned[sum]+q.Amount.Minor() > paid.Amount.Minor():
			a = acquirer.RefundResponse{Code: acquirer.CodeInvalidAmount}
		default:
			i.returned[sum] += q.Amount.Minor()
			i.totals.Refunds.Add(q.Amount)
		}
		i.refunds[q.Sum()] = a
		return a
	})
}

// Advise implements acquirer.Decider: it checks the TC.
func (i *Issuer) Advise(
	_ context.Context, q acquirer.AdviceRequest,
) (acquirer.AdviceResponse, error) {
	return around(i, "advise", func() acquirer.AdviceResponse {
		sum := q.Original.Sum()
		paid, ok := i.booked[sum]
		if !ok || i.answers[sum].RRN != q.RRN {
			return acquirer.AdviceResponse{Code: acquirer.CodeInvalidTransaction}
		}
		card := i.cards[paid.PAN]
		if q.Completion.Cryptogram(card.MasterKey) != q.Completion.TC ||
			q.Completion.CID != emv.CIDTC ||
			q.Completion.TapMessage(paid.PAN) != paid.ICC.TapMessage(paid.PAN) {
			return acquirer.AdviceResponse{Code: acquirer.CodeSecurity}
		}
		i.advised[sum]++
		return acquirer.AdviceResponse{Code: acquirer.CodeApproved, RRN: q.RRN}
	})
}

// Reconcile implements acquirer.Decider.
func (i *Issuer) Reconcile(
	_ context.Context, q acquirer.ReconcileRequest,
) (acquirer.ReconcileResponse, error) {
	return around(i, "reconcile", func() acquirer.ReconcileResponse {
		if a, ok := i.closed[q.Sum()]; ok {
			return a
		}
		a := acquirer.ReconcileResponse{Code: acquirer.CodeApproved, Totals: i.totals}
		if q.Totals != i.totals {
			a.Code = acquirer.CodeReconcile
		}
		i.closed[q.Sum()] = a
		i.totals = acquirer.Totals{}
		return a
	})
}

// Totals returns the totals of the open day.
func (i *Issuer) Totals() acquirer.Totals {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.totals
}

// Advised returns how many payments were advised as completed, with the right TC.
func (i *Issuer) Advised() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.advised)
}
