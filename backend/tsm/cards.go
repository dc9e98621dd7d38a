package tsm

import (
	"context"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/service"
	"tapbench/backend/store"
)

// Card issues one one-show card for an active account: it checks roll by SK_TID and pop by the new
// card key, draws a PAN that was never used, signs PAN, key and class with the epoch key, and seals
// the card for the element.
func (t *TSM) Card(ctx context.Context, q api.CardRequest) (api.CardResponse, error) {
	if len(q.Run) != wire.NonceLen {
		return api.CardResponse{}, api.Refuse(api.CodeMalformed, "run of %d bytes", len(q.Run))
	}
	return service.Repeat(ctx, t.DB, api.PathCard, q, func(tx store.Tx) (api.CardResponse, error) {
		r, err := getRun(ctx, tx, message.Nonce(q.Run), StateActive)
		if err != nil {
			return api.CardResponse{}, err
		}
		if r.expiry < t.epoch() {
			return api.CardResponse{}, api.Refuse(api.CodeExpired, "the account has expired")
		}
		th := t.transcript(4)
		m, body, err := t.openRequest(&r, th, q.Request)
		if err != nil {
			return api.CardResponse{}, err
		}
		c, err := t.issue(m.Key)
		if err != nil {
			return api.CardResponse{}, err
		}
		c.tid, c.roll = r.tid, body
		if err := putCard(ctx, tx, c); err != nil {
			return api.CardResponse{}, err
		}
		th = th.Next(q.Request)
		sealed := r.toSE.SealCounted(r.sent, th[:], message.Encode(wire.MsgCardPut, c.put))
		r.sent++
		return api.CardResponse{Card: sealed}, saveRun(ctx, tx, r)
	})
}

func (t *TSM) openRequest(r *run, th message.Transcript, sealed []byte) (
	message.CardRequest, []byte, error,
) {
	counter, body, err := r.toTSM.OpenCounted(r.next, th[:], sealed)
	if err != nil {
		return message.CardRequest{}, nil, refused("card-req", err)
	}
	r.next = counter + 1
	m, err := message.Decode[message.CardRequest](wire.MsgCardRequest, body)
	if err != nil {
		return message.CardRequest{}, nil, refused("card-req", err)
	}
	key := message.CardKey{TSM: t.ID, TID: r.tid, Key: m.Key}
	if err := message.Verify(r.sign, key.Digest(wire.MsgRoll, th), m.Roll); err != nil {
		return message.CardRequest{}, nil, refused("roll", err)
	}
	if err := message.Verify(m.Key, key.Digest(wire.MsgPop, th), m.Pop); err != nil {
		return message.CardRequest{}, nil, refused("pop", err)
	}
	return m, body, nil
}

// issue makes a card for a key. All cards of an epoch have the same class and expiration date.
func (t *TSM) issue(key message.PublicKey) (card, error) {
	c := card{key: key}
	pan, err := emv.NewPAN()
	if err != nil {
		return card{}, err
	}
	limit := [wire.AmountLen]byte(t.CardLimit.AppendN12(nil))
	expiry := message.CardExpiry(t.epoch())
	c.put = message.CardPut{
		PAN: pan.Bytes(), Expiration: emv.Date(expiry.End().Add(-time.Second)), Sequence: 1,
		Class: message.Class{
			Limit: limit, Currency: t.currency().N3(), Expiry: expiry,
		},
	}
	if err := fresh(c.put.MasterKey[:]); err != nil {
		return card{}, err
	}
	vcard := message.VCard{PAN: c.put.PAN, Key: key, Class: c.put.Class}
	c.put.Signature, err = message.Sign(t.EpochKey, vcard.Digest())
	return c, err
}
