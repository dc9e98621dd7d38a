package applet

import (
	"context"
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Lengths of the sealed messages, see PROTOCOL.md.
const (
	aidRequestLen  = 209
	aidReplyOutLen = 190
	aidKeysLen     = 737
	tidRegisterLen = 289
	binfoLen       = 385
	tsminfoLen     = 196
	cardRequestLen = 228
	closeLen       = 100
)

// CreateUser makes PK_U for a user and returns it with the element's signature user-key.
func (c *Client) CreateUser(ctx context.Context, user message.UserID) (
	message.PublicKey, message.Signature, error,
) {
	raw, err := c.own(ctx, "making the user's key", wire.InsCreateUser, 0, 0, user[:],
		wire.PointLen+wire.SignatureLen)
	if err != nil {
		return message.PublicKey{}, message.Signature{}, err
	}
	return message.PublicKey(raw), message.Signature(raw[wire.PointLen:]), nil
}

// OpenAccount takes a bank's two certificates into a slot and returns the encapsulated key from
// which the bank gets K_B,U.
func (c *Client) OpenAccount(ctx context.Context, slot byte, sign, kem message.Certificate) (
	message.PublicKey, error,
) {
	raw, err := c.own(ctx, "opening the account", wire.InsOpenAccount, slot, 0,
		concat(sign.Encode(), kem.Encode()), wire.PointLen)
	if err != nil {
		return message.PublicKey{}, err
	}
	return message.PublicKey(raw), nil
}

// BindAK returns the element's signature ak-bind over the TPM's attestation key.
func (c *Client) BindAK(ctx context.Context, slot byte, ak message.PublicKey) (
	message.Signature, error,
) {
	raw, err := c.own(ctx, "binding the attestation key", wire.InsBindAK, slot, 0, ak[:],
		wire.SignatureLen)
	if err != nil {
		return message.Signature{}, err
	}
	return message.Signature(raw), nil
}

// AIDRequest starts phase 2 and returns message 1.
func (c *Client) AIDRequest(ctx context.Context, slot byte) ([]byte, error) {
	return c.own(ctx, "asking for a bank account ID", wire.InsAIDRequest, slot, 0, nil,
		aidRequestLen)
}

// NewAccount is what the element tells its host after message 2: what the evidence has to name.
type NewAccount struct {
	Offer     message.AIDOffer
	Sign, KEM message.PublicKey
}

// AIDReply gives message 2 to the element, which then makes the account's keys.
func (c *Client) AIDReply(ctx context.Context, slot byte, sealed []byte) (NewAccount, error) {
	raw, err := c.take(ctx, "taking the bank's offer", wire.InsAIDReply, slot, sealed,
		aidReplyOutLen)
	if err != nil {
		return NewAccount{}, err
	}
	a := NewAccount{Offer: message.AIDOffer{
		Session: message.SessionID(raw[0:16]), Account: message.AccountID(raw[16:32]),
		Nonce: message.Nonce(raw[32:48]), Limit: message.Limit(binary.BigEndian.Uint64(raw[48:56])),
		Expiry: message.Epoch(binary.BigEndian.Uint32(raw[56:60])),
	}}
	a.Sign, a.KEM = message.PublicKey(raw[60:125]), message.PublicKey(raw[125:190])
	return a, nil
}

// AIDKeys returns message 3.
func (c *Client) AIDKeys(ctx context.Context, slot byte) ([]byte, error) {
	return c.own(ctx, "sending the account's keys", wire.InsAIDKeys, slot, 0, nil, aidKeysLen)
}

// AIDGrant gives message 4 to the element.
func (c *Client) AIDGrant(ctx context.Context, slot byte, sealed []byte) error {
	_, err := c.own(ctx, "taking the bank account ID", wire.InsAIDGrant, slot, 0, sealed, 0)
	return err
}

// AIDClose closes the bank account ID of a slot and returns the message that tells the bank. It can
// be repeated until a new one is asked for: each message has the next counter.
func (c *Client) AIDClose(ctx context.Context, slot byte) ([]byte, error) {
	return c.own(ctx, "closing the bank account ID", wire.InsAIDClose, slot, 0, nil, closeLen)
}
