package applet

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// GenerateSEKey makes the element's own key SK_SE and returns PK_SE.
func (c *Client) GenerateSEKey(ctx context.Context) (message.PublicKey, error) {
	raw, err := c.own(ctx, "making the element's key", wire.InsGenerateSEKey, 0, 0, nil,
		wire.PointLen)
	if err != nil {
		return message.PublicKey{}, err
	}
	return message.PublicKey(raw), nil
}

// Personalise gives the element the CA's key, its own certificate and the wallet's pairing key.
func (c *Client) Personalise(
	ctx context.Context, ca message.PartyID, caKey message.PublicKey, cert message.Certificate,
	pairing PairingKey,
) error {
	_, err := c.own(ctx, "personalising", wire.InsPersonalise, 0, 0,
		concat(ca[:], caKey[:], cert.Encode(), pairing.raw[:]), 0)
	return err
}

// Status is the state of all that the element holds.
type Status struct {
	LifeCycle wire.LifeCycle
	User      bool
	Banks     [wire.BankSlots]wire.SlotState
	TIDs      [wire.TIDSlots]wire.SlotState
	Cards     [wire.CardSlots]wire.SlotState
	Arm       wire.ArmState
	Tries     byte // taps answered within this arming, 0 to 3
}

// LifeCycle returns the element's life cycle state. It needs no authentication.
func (c *Client) LifeCycle(ctx context.Context) (wire.LifeCycle, error) {
	raw, err := c.data(ctx, "reading the life cycle", uint16(wire.DataLifeCycle), 1)
	if err != nil {
		return 0, err
	}
	return wire.LifeCycle(raw[0]), nil
}

// Status returns the state of all slots.
func (c *Client) Status(ctx context.Context) (Status, error) {
	const n = 2 + wire.BankSlots + wire.TIDSlots + wire.CardSlots + 2
	raw, err := c.data(ctx, "reading the status", uint16(wire.DataStatus), n)
	if err != nil {
		return Status{}, err
	}
	s := Status{LifeCycle: wire.LifeCycle(raw[0]), User: raw[1] != 0}
	raw = raw[2:]
	for i := range s.Banks {
		s.Banks[i] = wire.SlotState(raw[i])
	}
	raw = raw[wire.BankSlots:]
	for i := range s.TIDs {
		s.TIDs[i] = wire.SlotState(raw[i])
	}
	raw = raw[wire.TIDSlots:]
	for i := range s.Cards {
		s.Cards[i] = wire.SlotState(raw[i])
	}
	raw = raw[wire.CardSlots:]
	s.Arm, s.Tries = wire.ArmState(raw[0]), raw[1]
	return s, nil
}

// Certificate returns CERT_SE.
func (c *Client) Certificate(ctx context.Context) (message.Certificate, error) {
	raw, err := c.data(ctx, "reading the element's certificate", uint16(wire.DataSECertificate),
		wire.CertificateLen)
	if err != nil {
		return message.Certificate{}, err
	}
	return message.ParseCertificate(raw)
}

func (c *Client) data(ctx context.Context, act string, tag uint16, n int) ([]byte, error) {
	return c.call(ctx, act, apdu.Command{
		INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag), Ne: n,
	}, n)
}
