package conformance

import (
	"crypto/ecdsa"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
)

// Counter is what a terminal needs to take payments from the host's card: who its merchant is, and
// the keys by which it knows CA and TSM.
type Counter struct {
	Merchant    [wire.MerchantLen]byte
	Key         *ecdsa.PrivateKey // SK_M
	Certificate message.Certificate
	CA          message.PublicKey
	Epoch       message.Certificate // of the TSM's epoch key
	TSM         message.PartyID
	TSMKey      message.PublicKey
	Now         time.Time // in the epoch that the host's cards know
}

// Counter returns the terminal's part of the host's world, the same each time.
func (h *Host) Counter() Counter {
	h.t.Helper()
	m := h.shop()
	return Counter{
		Merchant: m.id, Key: m.key.private, Certificate: m.cert, CA: h.p.ca.public,
		Epoch: h.p.epochCert, TSM: h.p.tsm.id, TSMKey: h.p.tsm.sign.public,
		Now: time.Unix(int64(noon()), 0).UTC(),
	}
}

// Reconnect goes on with the host's card over another connection, and authenticates the host.
func (h *Host) Reconnect(card pcsc.Card) {
	h.t.Helper()
	h.card, h.session = card, pcsc.NewSession(card)
	h.authenticate()
}

// ClosedAt closes a token and returns the unit behind which that is.
func (h *Host) ClosedAt(slot byte) (at byte) {
	h.t.Helper()
	return h.closedAt(slot)
}

// Disarm is DISARM, if the card is armed.
func (h *Host) Disarm() {
	h.t.Helper()
	if h.status().arm != wire.ArmNone {
		h.send(wire.InsDisarm, 0, 0, nil, 0)
	}
}
