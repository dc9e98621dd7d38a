package applet

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// PutEpochKey gives the certificate of the TSM's card-signing key to a TSM account slot.
func (c *Client) PutEpochKey(ctx context.Context, slot byte, cert message.Certificate) error {
	_, err := c.own(ctx, "taking the epoch key", wire.InsPutEpochKey, slot, 0, cert.Encode(), 0)
	return err
}

// CardRequest makes a card key and returns the sealed request for the TSM.
func (c *Client) CardRequest(ctx context.Context, card, slot byte) ([]byte, error) {
	return c.own(ctx, "asking for a card", wire.InsCardRequest, card, slot, nil, cardRequestLen)
}

// CardPut gives the TSM's sealed card to the element.
func (c *Client) CardPut(ctx context.Context, card byte, sealed []byte) error {
	_, err := c.take(ctx, "taking a card", wire.InsCardPut, card, sealed, 0)
	return err
}

// Arm lets one tap happen, of at most limit (n12) in a currency (n3).
func (c *Client) Arm(
	ctx context.Context, limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
) error {
	_, err := c.own(ctx, "arming", wire.InsArm, 0, 0, concat(limit[:], currency[:]), 0)
	return err
}

// Disarm ends an arming.
func (c *Client) Disarm(ctx context.Context) error {
	_, err := c.own(ctx, "disarming", wire.InsDisarm, 0, 0, nil, 0)
	return err
}
