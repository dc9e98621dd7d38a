package tsm

import (
	"context"

	"tapbench/applet/message"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
)

// PutCard issues a card past its messages.
func PutCard(
	ctx context.Context, tx store.Tx, id message.TID, key message.PublicKey, put message.CardPut,
	roll []byte,
) error {
	return putCard(ctx, tx, issuedCard{tid: id, key: key, put: put, roll: roll})
}

// Prepaid is the account of a TSM account's holder.
func Prepaid(id message.TID) ledger.AccountID { return prepaid(id) }

// MerchantAccount is what is owed to a merchant.
func MerchantAccount(id message.PartyID) ledger.AccountID { return merchant(id) }

// IssueToken issues a token past its messages.
func (t *TSM) IssueToken(
	ctx context.Context, tx store.Tx, id message.TID, token message.Token,
) error {
	row := tokenRow{id: token.ID(), tid: id, token: token, request: []byte{0}}
	if err := putToken(ctx, tx, row); err != nil {
		return err
	}
	return t.withdraw(ctx, tx, row)
}
