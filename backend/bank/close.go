package bank

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/store"
)

// Close gives a bank account ID up on its element's word: it funds nothing from then on. The user's
// balance and what lies in escrow stay as they are. Said again, it changes nothing.
func (b *Bank) Close(ctx context.Context, q api.AIDCloseRequest) (api.AIDCloseResponse, error) {
	if len(q.Account) != wire.AccountIDLen {
		return api.AIDCloseResponse{}, api.Refuse(api.CodeMalformed, "bank account ID of %d bytes",
			len(q.Account))
	}
	err := b.DB.Tx(ctx, func(tx store.Tx) error {
		a, err := getAccount(ctx, tx, message.AccountID(q.Account))
		if err != nil {
			return err
		}
		counter, err := b.openClose(a, q.Message)
		if err != nil || a.state(b.epoch()) == AccountClosed {
			return err
		}
		return closeAccount(ctx, tx, a.id, counter+1)
	})
	return api.AIDCloseResponse{}, err
}

// openClose opens aid-close and checks its signature.
func (b *Bank) openClose(a account, sealed []byte) (counter uint32, err error) {
	toBank, err := message.NewKeys(a.channel[:2*wire.KeyLen])
	if err != nil {
		return 0, err
	}
	th := b.transcript(2)
	next := a.next
	if a.closed {
		next = 0 // the same message again, or a later one: there is nothing left to change
	}
	counter, body, err := toBank.OpenCounted(next, th[:], sealed)
	if err != nil {
		return 0, refused("aid-close", err)
	}
	m, err := message.Decode[message.AIDClose](wire.MsgAIDClose, body)
	if err != nil {
		return 0, refused("aid-close", err)
	}
	err = message.Verify(a.certificate.Sign, m.Digest(th, b.ID, a.id), m.Signature)
	if err != nil {
		return 0, refused("aid-close", err)
	}
	return counter, nil
}
