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

// OpenPayment opens what is disputed, a payment or a double spend, to its TSM account and to the
// commitment that a bank has funded, for a judge. It opens nothing without evidence: a card number
// or a token alone names nobody. The opening is in the log before it is told.
func (t *TSM) OpenPayment(
	ctx context.Context, judge message.PartyID, q api.OpenPaymentRequest,
) (api.Opening, error) {
	s, err := dispute.DecodeSubject(q.Payment)
	if err != nil {
		return api.Opening{}, api.Refuse(api.CodeMalformed, "payment: %v", err)
	}
	if err := s.VerifyIssued(t.CAKey, t.Sign); err != nil {
		return api.Opening{}, refused("payment", err)
	}
	var out api.Opening
	err = t.DB.Tx(ctx, func(tx store.Tx) error {
		r, chain, err := t.chain(ctx, tx, s)
		if err != nil {
			return err
		}
		entry, err := register.Append(ctx, tx, t.sign, dispute.Head{
			Party: t.ID, Judge: judge, Subject: s.Sum(), Bank: r.bank, Handle: r.handle,
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

// chain finds what leads from a card or a token to its commitment.
func (t *TSM) chain(
	ctx context.Context, tx store.Tx, s dispute.Subject,
) (r run, c dispute.TSMChain, err error) {
	var tid message.TID
	switch s := s.(type) {
	case dispute.Payment:
		tid, c.Roll, err = rollOfCard(ctx, tx, s.Card)
	case dispute.OfflinePayment:
		tid, c.Roll, err = rollOfToken(ctx, tx, s.Token)
	case dispute.DoubleSpend:
		tid, c.Roll, err = rollOfToken(ctx, tx, s.Token)
	default:
		err = api.Refuse(api.CodeMalformed, "payment: nothing that the TSM opens")
	}
	if err != nil {
		return r, c, err
	}
	if r, err = getAccountRun(ctx, tx, tid); err != nil {
		return r, c, err
	}
	info, err := message.Decode[message.TSMINFO](wire.MsgTSMINFO, r.info)
	c.Sign, c.KEM, c.Rho = r.sign, r.kem, info.Rho
	return r, c, err
}

// rollOfCard returns the TSM account that asked for a card, and its signature.
func rollOfCard(
	ctx context.Context, tx store.Tx, card message.VCard,
) (message.TID, message.Signature, error) {
	c, ok, err := getIssued(ctx, tx, card.PAN)
	if err != nil {
		return message.TID{}, message.Signature{}, err
	}
	if !ok || c.key != card.Key {
		return message.TID{}, message.Signature{}, api.Refuse(api.CodeUnknown, "no such card")
	}
	request, err := getCardRequest(ctx, tx, card.PAN)
	return c.tid, request.Roll, err
}

// rollOfToken returns the TSM account that asked for a token, and its signature.
func rollOfToken(
	ctx context.Context, tx store.Tx, t message.Token,
) (message.TID, message.Signature, error) {
	id := t.ID()
	row, ok, err := getToken(ctx, tx, id)
	if err != nil {
		return message.TID{}, message.Signature{}, err
	}
	if !ok {
		return message.TID{}, message.Signature{}, api.Refuse(api.CodeUnknown, "no such token")
	}
	request, err := getTokenRequest(ctx, tx, id)
	return row.tid, request.Roll, err
}

// Openings returns the TSM's log of openings.
func (t *TSM) Openings(
	ctx context.Context, _ message.PartyID, q api.OpeningsRequest,
) (api.OpeningsResponse, error) {
	return register.List(ctx, t.DB, t.Sign, q)
}
