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
