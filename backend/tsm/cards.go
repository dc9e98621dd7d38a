package tsm

import (
	"context"
	"slices"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/service"
	"tapbench/backend/store"
)

// Card issues one card for an active account: it checks roll by SK_TID and pop by the new card key,
// that the policy allows the kind that was asked for, and that the card's limit is below the
// account's; draws a PAN that was never used, signs PAN, key and class with the epoch key, and
// seals the card for the element.
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
		if err := t.allows(r, m.Kind); err != nil {
			return api.CardResponse{}, err
		}
		c, err := t.issue(m.Key, m.Kind)
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
	m, body, err := openCounted[message.CardRequest](r, th, wire.MsgCardRequest, "card-req", sealed)
	if err != nil {
		return m, nil, err
	}
	key := message.CardKey{TSM: t.ID, TID: r.tid, Key: m.Key, Kind: m.Kind}
	if err := message.Verify(r.sign, key.Digest(wire.MsgRoll, th), m.Roll); err != nil {
		return message.CardRequest{}, nil, refused("roll", err)
	}
	if err := message.Verify(m.Key, key.Digest(wire.MsgPop, th), m.Pop); err != nil {
		return message.CardRequest{}, nil, refused("pop", err)
	}
	return m, body, nil
}

// openCounted opens a counted message of an account's element, and counts it.
func openCounted[M any](
	r *run, th message.Transcript, kind wire.MessageType, name string, sealed []byte,
) (m M, body []byte, err error) {
	counter, body, err := r.toTSM.OpenCounted(r.next, th[:], sealed)
	if err != nil {
		return m, nil, refused(name, err)
	}
	r.next = counter + 1
	if m, err = message.Decode[M](kind, body); err != nil {
		return m, nil, refused(name, err)
	}
	return m, body, nil
}

// allows refuses a card that the policy doesn't have, or whose limit isn't below its account's.
func (t *TSM) allows(r run, kind wire.CardKind) error {
	if !slices.Contains(t.Cards, kind) {
		return api.Refuse(api.CodePolicy, "no cards of the kind %v are issued", kind)
	}
	auth, err := message.Decode[message.Auth](wire.MsgAuth, r.auth)
	if err != nil {
		return err
	}
	if t.CardLimit.Uint64() >= uint64(auth.Limit) {
		return api.Refuse(api.CodeLimit, "a card's limit isn't below its account's")
	}
	return nil
}

// issue makes a card for a key. All cards of an epoch and a kind have the same class and expiration
// date.
func (t *TSM) issue(key message.PublicKey, kind wire.CardKind) (issuedCard, error) {
	c := issuedCard{key: key}
	pan, err := emv.NewPAN()
	if err != nil {
		return issuedCard{}, err
	}
	limit := [wire.AmountLen]byte(t.CardLimit.AppendN12(nil))
	expiry := message.CardExpiry(t.epoch())
	c.put = message.CardPut{
		PAN: pan.Bytes(), Expiration: emv.Date(expiry.End().Add(-time.Second)), Sequence: 1,
		Class: message.Class{
			Limit: limit, Currency: t.currency().N3(), Expiry: expiry, Kind: kind,
		},
	}
	if err := fresh(c.put.MasterKey[:]); err != nil {
		return issuedCard{}, err
	}
	vcard := message.VCard{PAN: c.put.PAN, Key: key, Class: c.put.Class}
	c.put.Signature, err = message.Sign(t.EpochKey, vcard.Digest())
	return c, err
}
