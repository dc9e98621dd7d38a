package applet

import (
	"context"
	"encoding/binary"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Lengths of the answers about tokens, see PROTOCOL.md.
const (
	tokenRequestLen = 260
	tokenCloseLen   = 1 + wire.SignatureLen
	tokenFieldsLen  = wire.TokenLen - 1 - len(wire.Label)
	tokenRecordLen  = tokenFieldsLen + 4 + wire.AmountLen + wire.MerchantLen + wire.HashLen + 4 +
		wire.UNLen + wire.RelayLen + 2*wire.SignatureLen
	tokenDataLen = 13
)

// PutEpoch gives the CA's word for the current epoch to a TSM account slot. The first one of an
// account may name any epoch, a later one the same or the next; else [ErrRefused].
func (c *Client) PutEpoch(ctx context.Context, tid byte, e message.EpochCertificate) error {
	_, err := c.own(ctx, "taking the epoch", wire.InsPutEpoch, tid, 0,
		message.Encode(wire.CertEpoch, e), 0)
	return err
}

// NewToken begins a token of length units, 1 to 250, of unit minor units, 1, 5 or 50, in a token
// slot, paid from the TSM account of slot tid, whose epoch must be known. What was in the slot is
// gone; one with which something can be paid gives [ErrState].
func (c *Client) NewToken(ctx context.Context, slot, tid byte, unit, length uint8) error {
	_, err := c.own(ctx, "beginning a token", wire.InsTokenNew, slot, tid, []byte{unit, length}, 0)
	return err
}

// ExtendChain computes a slice of a token's chain and returns how many steps are left.
func (c *Client) ExtendChain(ctx context.Context, slot byte) (left int, err error) {
	raw, err := c.own(ctx, "computing a token's chain", wire.InsTokenChain, slot, 0, nil, 1)
	if err != nil {
		return 0, err
	}
	return int(raw[0]), nil
}

// TokenRequest returns the sealed request for the TSM's signature. It can be repeated until the
// token is there: the same key under the next counter, and only the last answer is taken.
func (c *Client) TokenRequest(ctx context.Context, slot byte) ([]byte, error) {
	return c.own(ctx, "asking for a token", wire.InsTokenRequest, slot, 0, nil, tokenRequestLen)
}

// PutToken gives the TSM's sealed token to the element.
func (c *Client) PutToken(ctx context.Context, slot byte, sealed []byte) error {
	_, err := c.take(ctx, "taking a token", wire.InsTokenPut, slot, sealed, 0)
	return err
}

// CloseToken closes a token for good and returns the unit behind which it is, with the element's
// signature over [message.TokenClose]. It can be repeated: the answer stays the same.
func (c *Client) CloseToken(
	ctx context.Context, slot byte,
) (at uint8, sig message.Signature, err error) {
	raw, err := c.own(ctx, "closing a token", wire.InsTokenClose, slot, 0, nil, tokenCloseLen)
	if err != nil {
		return 0, sig, err
	}
	return raw[0], message.Signature(raw[1:]), nil
}

// TokenStatus is what the element tells of one token slot.
type TokenStatus struct {
	State wire.SlotState
	TID   byte // the slot of the TSM account that paid it
	Unit  uint8
	// Length is how many units the token has, Index how many were given out, and Ticks how many of
	// a metering commitment were shown.
	Length, Index, Ticks uint8
	Kind                 wire.TokenKind
	Taps                 uint8         // payments
	Epoch                message.Epoch // the last one in which it is good; 0 before it is READY
	// Signed says that the last payment's signature was made, Receipt that a merchant's receipt
	// came back.
	Signed, Receipt bool
}

// Left returns how many units can still be given out, or come back.
func (t TokenStatus) Left() int {
	if t.Kind == wire.TokenMeter {
		return int(t.Length) - int(t.Ticks)
	}
	return int(t.Length) - int(t.Index)
}

// Tokens reads all token slots, in their order.
func (c *Client) Tokens(ctx context.Context) ([]TokenStatus, error) {
	raw, err := c.data(ctx, "reading the tokens", uint16(wire.DataTokens),
		wire.TokenSlots*tokenDataLen)
	if err != nil {
		return nil, err
	}
	tokens := make([]TokenStatus, 0, wire.TokenSlots)
	for ; len(raw) > 0; raw = raw[tokenDataLen:] {
		tokens = append(tokens, TokenStatus{
			State: wire.SlotState(raw[0]), TID: raw[1], Unit: raw[2], Length: raw[3], Index: raw[4],
			Ticks: raw[5], Kind: wire.TokenKind(raw[6]), Taps: raw[7],
			Epoch:  message.Epoch(binary.BigEndian.Uint32(raw[8:])),
			Signed: raw[12]&1 != 0, Receipt: raw[12]&2 != 0,
		})
	}
	return tokens, nil
}

// TokenRecord is a token and what it was last used for.
type TokenRecord struct {
	Token message.Token
	Kind  wire.TokenKind
	// From and To are the units of the last payment, Ticks the last tick of a metering commitment.
	From, To, Ticks uint8
	Amount          [wire.AmountLen]byte // n12
	Merchant        [wire.MerchantLen]byte
	Certificate     message.Hash // SHA-256 over the merchant's compact certificate
	Time            uint32       // the terminal's, seconds since 1970 UTC
	UN              [wire.UNLen]byte
	Relay           message.Relay     // what was exchanged against relays; zero: nothing
	Signature       message.Signature // SK_t, spend or meter; zero: none was made
	Receipt         message.Signature // SK_M, merchant-receipt; zero: none came
}

// Spend returns the statement that a payment with the token signs.
func (r TokenRecord) Spend() message.Spend {
	return message.Spend{
		Token: r.Token.ID(), From: r.From, To: r.To, Merchant: r.Merchant,
		Certificate: r.Certificate, Amount: r.Amount, Currency: r.Token.Fields.Policy.Currency,
		Time: r.Time, UN: r.UN, Relay: r.Relay,
	}
}

// Meter returns the statement that a metering commitment with the token signs.
func (r TokenRecord) Meter() message.Meter {
	return message.Meter{
		Token: r.Token.ID(), From: r.From, Max: r.To, Merchant: r.Merchant,
		Certificate: r.Certificate, Unit: r.Token.Fields.Unit,
		Currency: r.Token.Fields.Policy.Currency, Time: r.Time, UN: r.UN, Relay: r.Relay,
	}
}

// ShowToken returns the token of a slot that is USED or CLOSED, and its last payment, for a
// dispute. A closed one that no payment has used has zeros there.
func (c *Client) ShowToken(ctx context.Context, slot byte) (TokenRecord, error) {
	const act = "reading a token"
	raw, err := c.own(ctx, act, wire.InsTokenShow, slot, 0, nil, tokenRecordLen)
	if err != nil {
		return TokenRecord{}, err
	}
	var r TokenRecord
	if _, err := binary.Decode(raw, binary.BigEndian, &r); err != nil {
		return TokenRecord{}, fmt.Errorf("%s: %w: %w", act, ErrAnswer, err)
	}
	if _, err := emv.ParseN12(r.Amount); err != nil {
		return TokenRecord{}, fmt.Errorf("%s: %w: %w", act, ErrAnswer, err)
	}
	return r, nil
}
