package applet

import (
	"context"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// PairingKey is the key by which an element knows its wallet, 16 bytes. It prints as
// "PairingKey(hidden)".
type PairingKey struct{ raw [wire.KeyLen]byte }

// NewPairingKey takes the key from storage, or returns [ErrAnswer].
func NewPairingKey(raw []byte) (PairingKey, error) {
	if len(raw) != wire.KeyLen {
		return PairingKey{}, fmt.Errorf("%w: pairing key of %d bytes", ErrAnswer, len(raw))
	}
	return PairingKey{[wire.KeyLen]byte(raw)}, nil
}

// Reveal returns the key's bytes, for storage by the wallet.
func (k PairingKey) Reveal() []byte { return append([]byte(nil), k.raw[:]...) }

// String hides the key.
func (k PairingKey) String() string { return "PairingKey(hidden)" }

// GoString hides the key.
func (k PairingKey) GoString() string { return k.String() }

// Format hides the key, whatever the verb.
func (k PairingKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// MarshalJSON hides the key.
func (k PairingKey) MarshalJSON() ([]byte, error) { return []byte(`"hidden"`), nil }

// Client drives the management application.
type Client struct{ session *pcsc.Session }

// NewClient returns a client over a session, which it doesn't own.
func NewClient(session *pcsc.Session) *Client { return &Client{session} }

// Select selects the management application. It returns [ErrNotOurCard] for another card.
func (c *Client) Select(ctx context.Context) error {
	_, err := c.session.Exchange(ctx, apdu.Command{
		CLA: byte(wire.CLAInterindustry), INS: byte(wire.InsSelect), P1: wire.P1SelectByAID,
		Data: []byte(wire.AIDManagement), Ne: 256,
	})
	return meaning("selecting the management application", err)
}

// Authenticate proves the pairing key, by GET CHALLENGE and EXTERNAL AUTHENTICATE. The proof lasts
// until the next selection or reset.
func (c *Client) Authenticate(ctx context.Context, key PairingKey) error {
	const act = "authenticating the wallet"
	challenge, err := c.Challenge(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	mac := message.HostAuthMAC(key.raw, challenge)
	_, err = c.call(ctx, act, apdu.Command{INS: byte(wire.InsExternalAuthenticate), Data: mac[:]}, 0)
	return err
}

// own runs one of the element's own commands, class 80, with P1 and P2, and checks the length of
// the answer.
func (c *Client) own(
	ctx context.Context, act string, ins wire.INS, p1, p2 byte, data []byte, answer int,
) ([]byte, error) {
	command := apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(ins), P1: p1, P2: p2, Data: data,
	}
	if answer > 0 {
		command.Ne = 256
	}
	return c.call(ctx, act, command, answer)
}

// take gives a server's message to a command that doesn't chain. A message that is too long for
// it is refused here, as the element would.
func (c *Client) take(
	ctx context.Context, act string, ins wire.INS, p1 byte, message []byte, answer int,
) ([]byte, error) {
	if len(message) > maxUnchained {
		return nil, fmt.Errorf("%s: %w: %d bytes", act, ErrRefused, len(message))
	}
	return c.own(ctx, act, ins, p1, 0, message, answer)
}

// maxUnchained is the longest data field of a command without chaining (ISO/IEC 7816-4:2020, 5.2).
const maxUnchained = 255

func (c *Client) call(
	ctx context.Context, act string, command apdu.Command, answer int,
) ([]byte, error) {
	response, err := c.session.Exchange(ctx, command)
	if err != nil {
		return nil, c.named(ctx, wire.INS(command.INS), meaning(act, err))
	}
	if len(response.Data) != answer {
		return nil, fmt.Errorf("%s: %w: %d bytes instead of %d",
			act, ErrAnswer, len(response.Data), answer)
	}
	return response.Data, nil
}

func concat(parts ...[]byte) []byte {
	var out []byte
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}
