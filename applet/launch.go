package applet

import (
	"context"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// Launch is what unlocks the element, and whether it did in this session.
type Launch struct {
	Stored   bool // a reference is stored: without a launch the element is locked
	Launched bool
	Policy   wire.LaunchPolicy
	Software string       // software id, 1 to 64 bytes
	Program  message.Hash // SHA-256 of the executable
	Bank     message.PartyID
}

// Locked says that most commands will be refused.
func (l Launch) Locked() bool { return l.Stored && !l.Launched }

// Launch returns what unlocks the element. It needs the pairing key's proof, and no launch.
func (c *Client) Launch(ctx context.Context) (Launch, error) {
	const act = "reading what unlocks the element"
	const n = 3 + wire.SoftwareLen + wire.HashLen + wire.PartyIDLen
	raw, err := c.data(ctx, act, uint16(wire.DataLaunch), n)
	if err != nil {
		return Launch{}, err
	}
	l := Launch{Stored: raw[0] != 0, Launched: raw[1] != 0, Policy: wire.LaunchPolicy(raw[2])}
	raw = raw[3:]
	l.Software = message.Software(raw).String()
	l.Program = message.Hash(raw[wire.SoftwareLen:])
	l.Bank = message.PartyID(raw[wire.SoftwareLen+wire.HashLen:])
	return l, nil
}

// Challenge has the element make a nonce, for the bank's signature that PutReference takes or for
// what a launch takes. It is forgotten with the next command but those.
func (c *Client) Challenge(ctx context.Context) (message.Nonce, error) {
	raw, err := c.call(ctx, "asking for a challenge", apdu.Command{
		INS: byte(wire.InsGetChallenge), Ne: wire.NonceLen,
	}, wire.NonceLen)
	if err != nil {
		return message.Nonce{}, err
	}
	return message.Nonce(raw), nil
}

// PutReference stores a reference that the bank of a slot has signed over the element's challenge.
// Of m only software, program and policy are sent. The element is locked from then on.
func (c *Client) PutReference(
	ctx context.Context, slot byte, m message.Reference, sig message.Signature,
) error {
	_, err := c.own(ctx, "storing the reference", wire.InsPutReference, slot, 0,
		concat(m.Software[:], m.Program[:], []byte{byte(m.Policy)}, sig[:]), 0)
	return err
}

// LaunchByQuote unlocks the element of policy local: a TPMS_ATTEST of PCR 23 over its challenge
// ([message.LaunchQuestion]), signed by the attestation key that is bound.
func (c *Client) LaunchByQuote(
	ctx context.Context, attest []byte, sig message.Signature,
) error {
	_, err := c.take(ctx, "unlocking", wire.InsLaunch, byte(wire.LaunchLocal),
		concat(attest, sig[:]), 0)
	return err
}

// LaunchByConsent unlocks the element of policy bank ([message.LaunchConsent]).
func (c *Client) LaunchByConsent(ctx context.Context, sig message.Signature) error {
	_, err := c.take(ctx, "unlocking", wire.InsLaunch, byte(wire.LaunchBank), sig[:], 0)
	return err
}
