package tsm

import (
	"context"
	"errors"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/register"
	"tapbench/backend/store"
)

// OpenPayment opens a disputed payment to its TSM account and to the commitment that a bank has
// funded, for a judge. It opens nothing without evidence: a card number alone names nobody. The
// opening is in the log before it is told.
func (t *TSM) OpenPayment(
	ctx context.Context, judge message.PartyID, q api.OpenPaymentRequest,
) (api.Opening, error) {
	p, err := message.Decode[dispute.Payment](wire.MsgDisputed, q.Payment)
	if err != nil {
		return api.Opening{}, api.Refuse(api.CodeMalformed, "payment: %v", err)
	}
	if err := p.Verify(t.CAKey); err != nil {
		return api.Opening{}, refused("payment", err)
	}
	var out api.Opening
	err = t.DB.Tx(ctx, func(tx store.Tx) error {
		r, chain, err := t.chain(ctx, tx, p)
		if err != nil {
			return err
		}
		entry, err := register.Append(ctx, tx, t.sign, dispute.Head{
			Party: t.ID, Judge: judge, Subject: p.Sum(), Bank: r.bank, Handle: r.handle,
			Commitment: chain.Commitment(), Chain: chain.Sum(),
		})
		out = register.Answer(entry, t.Sign, message.Encode(wire.MsgTSMChain, chain))
		return err
	})
	if errors.Is(err, register.ErrOpened) {
		return api.Opening{}, api.Refuse(api.CodeState, "%v", err)
	}
	return out, err
}

// chain finds what leads from a payment's card to its commitment.
func (t *TSM) chain(
	ctx context.Context, tx store.Tx, p dispute.Payment,
) (run, dispute.TSMChain, error) {
	c, ok, err := getIssued(ctx, tx, p.Card.PAN)
	if err != nil {
		return run{}, dispute.TSMChain{}, err
	}
	if !ok || c.key != p.Card.Key {
		return run{}, dispute.TSMChain{}, api.Refuse(api.CodeUnknown, "no such card")
	}
	r, err := getAccountRun(ctx, tx, c.tid)
	if err != nil {
		return run{}, dispute.TSMChain{}, err
	}
	info, err := message.Decode[message.TSMINFO](wire.MsgTSMINFO, r.info)
	if err != nil {
		return run{}, dispute.TSMChain{}, err
	}
	request, err := getCardRequest(ctx, tx, p.Card.PAN)
	if err != nil {
		return run{}, dispute.TSMChain{}, err
	}
	return r, dispute.TSMChain{
		Roll: request.Roll, Sign: r.sign, KEM: r.kem, Rho: info.Rho,
	}, nil
}

// Openings returns the TSM's log of openings.
func (t *TSM) Openings(
	ctx context.Context, _ message.PartyID, q api.OpeningsRequest,
) (api.OpeningsResponse, error) {
	return register.List(ctx, t.DB, t.Sign, q)
}
