package applet

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// PutEpochKey gives the certificate of the TSM's card-signing key to a TSM account slot.
func (c *Client) PutEpochKey(ctx context.Context, slot byte, cert message.Certificate) error {
	_, err := c.own(ctx, "taking the epoch key", wire.InsPutEpochKey, slot, 0, cert.Encode(), 0)
	return err
}

// CardRequest makes a card key and returns the sealed request for the TSM: for a card of a kind, in
// a card slot, paid from the TSM account of a slot. What was in the card slot is gone.
func (c *Client) CardRequest(
	ctx context.Context, card, slot byte, kind wire.CardKind,
) ([]byte, error) {
	p2 := byte(kind)<<4 | slot&0x0F
	return c.own(ctx, "asking for a card", wire.InsCardRequest, card, p2, nil, cardRequestLen)
}

// CardData is what the element keeps of one card's limit. It means something while the card is
// READY.
type CardData struct {
	Kind wire.CardKind
	// Limit is the class's and Total what the card was shown to, in minor units.
	Limit, Total uint64
}

// Cards reads what the element keeps of its cards' limits, slot by slot.
func (c *Client) Cards(ctx context.Context) (cards [wire.CardSlots]CardData, err error) {
	const act, n = "reading the cards", 1 + 2*wire.AmountLen
	raw, err := c.data(ctx, act, uint16(wire.DataCards), wire.CardSlots*n)
	if err != nil {
		return cards, err
	}
	for i := range cards {
		one := raw[i*n:]
		limit, err1 := emv.ParseN12([wire.AmountLen]byte(one[1:]))
		total, err2 := emv.ParseN12([wire.AmountLen]byte(one[1+wire.AmountLen:]))
		if err := errors.Join(err1, err2); err != nil {
			return cards, fmt.Errorf("%s: %w", act, err)
		}
		cards[i] = CardData{Kind: wire.CardKind(one[0]), Limit: limit, Total: total}
	}
	return cards, nil
}

// CardPut gives the TSM's sealed card to the element.
func (c *Client) CardPut(ctx context.Context, card byte, sealed []byte) error {
	_, err := c.take(ctx, "taking a card", wire.InsCardPut, card, sealed, 0)
	return err
}

// Arm lets one tap happen, of at most limit (n12) in a currency (n3), under conditions.
func (c *Client) Arm(
	ctx context.Context, limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
	flags wire.ArmFlags,
) error {
	_, err := c.own(ctx, "arming", wire.InsArm, byte(flags), 0, concat(limit[:], currency[:]), 0)
	return err
}

// Disarm ends an arming.
func (c *Client) Disarm(ctx context.Context) error {
	_, err := c.own(ctx, "disarming", wire.InsDisarm, 0, 0, nil, 0)
	return err
}
