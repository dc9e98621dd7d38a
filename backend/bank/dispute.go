package bank

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

// OpenFunding opens a commitment that a TSM has signed as disputed: to the bank account ID that
// funded it and to the person whose it is, for a judge. The bank opens nothing without the TSM's
// word, and learns a handle from it, nothing of the payment.
func (b *Bank) OpenFunding(
	ctx context.Context, judge message.PartyID, q api.OpenFundingRequest,
) (api.Opening, error) {
	head, err := b.openHead(judge, q)
	if err != nil {
		return api.Opening{}, err
	}
	var out api.Opening
	err = b.DB.Tx(ctx, func(tx store.Tx) error {
		chain, err := b.chain(ctx, tx, head)
		if err != nil {
			return err
		}
		entry, err := register.Append(ctx, tx, b.sign, dispute.Head{
			Party: b.ID, Judge: judge, Subject: head.Sum(), Bank: b.ID, Handle: head.Handle,
			Commitment: head.Commitment, Chain: chain.Sum(),
		})
		out = register.Answer(entry, b.Sign, message.Encode(wire.MsgBankChain, chain))
		return err
	})
	if errors.Is(err, register.ErrOpened) {
		return api.Opening{}, api.Refuse(api.CodeState, "%v", err)
	}
	return out, err
}

// openHead checks the TSM's word.
func (b *Bank) openHead(judge message.PartyID, q api.OpenFundingRequest) (dispute.Head, error) {
	head, err := message.Decode[dispute.Head](wire.MsgOpening, q.Head)
	if err != nil || len(q.Signature) != wire.SignatureLen {
		return head, api.Refuse(api.CodeMalformed, "the TSM's opening: %v", err)
	}
	signature := message.Signature(q.Signature)
	err = b.verifyTSM(head.Party, "the TSM's opening", head.Sum(), signature)
	if err != nil {
		return head, err
	}
	if head.Judge != judge || head.Bank != b.ID {
		return head, api.Refuse(api.CodeMismatch, "the TSM opened this for another judge or bank")
	}
	return head, nil
}

// chain finds what leads from a commitment to a person.
func (b *Bank) chain(
	ctx context.Context, tx store.Tx, head dispute.Head,
) (dispute.BankChain, error) {
	f, err := getFunding(ctx, tx, head.Handle)
	if err != nil {
		return dispute.BankChain{}, err
	}
	var c dispute.BankChain
	if c.BINFO, err = message.Decode[message.BINFO](wire.MsgBINFO, f.binfo); err != nil {
		return c, err
	}
	if f.tsm != head.Party || c.BINFO.Funding.Commitment != head.Commitment {
		return c, api.Refuse(api.CodeMismatch, "this handle has another TSM or commitment")
	}
	evidence, th, user, err := getAccountEvidence(ctx, tx, f.account)
	if err != nil {
		return c, err
	}
	if c.Keys, err = message.Decode[message.AIDKeys](wire.MsgAIDKeys, evidence); err != nil {
		return c, err
	}
	c.Transcript = th
	row, err := getUser(ctx, tx, user)
	copy(c.User[:], row.cert)
	return c, err
}

// Openings returns the bank's log of openings.
func (b *Bank) Openings(
	ctx context.Context, _ message.PartyID, q api.OpeningsRequest,
) (api.OpeningsResponse, error) {
	return register.List(ctx, b.DB, b.Sign, q)
}
