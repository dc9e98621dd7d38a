package applet

import (
	"context"
	"encoding/binary"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// TIDStart is what the element needs to start phase 3.
type TIDStart struct {
	Sign, KEM message.Certificate // the TSM's
	NonceTSM  message.Nonce
	NonceBank message.Nonce
	Session   message.SessionID
}

// TIDRegister starts phase 3 in a TSM account slot for a bank slot, and returns message 1.
func (c *Client) TIDRegister(ctx context.Context, slot, bank byte, s TIDStart) ([]byte, error) {
	data := concat(s.Sign.Encode(), s.KEM.Encode(), s.NonceTSM[:], s.NonceBank[:], s.Session[:])
	return c.own(ctx, "registering with the TSM", wire.InsTIDRegister, slot, bank, data,
		tidRegisterLen)
}

// TIDReply gives message 2 to the element.
func (c *Client) TIDReply(ctx context.Context, slot byte, sealed []byte) error {
	_, err := c.take(ctx, "taking the TSM's reply", wire.InsTIDReply, slot, sealed, 0)
	return err
}

// BINFO returns BINFO's inner part for a limit, an expiry and the evidence's hash.
func (c *Client) BINFO(
	ctx context.Context, slot byte, limit message.Limit, expiry message.Epoch,
	evidence message.Hash,
) ([]byte, error) {
	data := binary.BigEndian.AppendUint64(nil, uint64(limit))
	data = binary.BigEndian.AppendUint32(data, uint32(expiry))
	return c.own(ctx, "making BINFO", wire.InsBINFO, slot, 0, append(data, evidence[:]...), binfoLen)
}

// TSMINFO returns TSMINFO over the hash of BINFO as sent.
func (c *Client) TSMINFO(ctx context.Context, slot byte, binfo message.Hash) ([]byte, error) {
	return c.own(ctx, "making TSMINFO", wire.InsTSMINFO, slot, 0, binfo[:], tsminfoLen)
}

// TIDStatus gives AUTH and the account's status to the element.
func (c *Client) TIDStatus(ctx context.Context, slot byte, sealed []byte) error {
	_, err := c.take(ctx, "taking the account's status", wire.InsTIDStatus, slot, sealed, 0)
	return err
}

// TIDClose closes the TSM account of a slot and returns the message that tells the TSM. Its cards
// are gone then. It can be repeated until the slot is used again: each message has the next
// counter.
func (c *Client) TIDClose(ctx context.Context, slot byte) ([]byte, error) {
	return c.own(ctx, "closing the TSM account", wire.InsTIDClose, slot, 0, nil, closeLen)
}
