package emvcard

import (
	"tapbench/applet/emv"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/wire"
)

// issuerCommands are those that serve the issuer and the PIN.
func issuerCommands() []command {
	return append([]command{
		{
			ins: byte(wire.InsGetChallenge), offered: hasPIN, params: noParams, length: exactly(0),
			act: (*Card).getChallenge,
		},
		{
			ins: emv.InsVerify, offered: hasPIN, params: verifyParams, length: verifyLength,
			allowed: verifyAllowed, act: (*Card).verify,
		},
		{
			class: proprietary, ins: byte(wire.InsGetData), params: anyParams, length: exactly(0),
			act: (*Card).getData,
		},
		{
			ins: byte(wire.InsExternalAuthenticate), offered: authenticatesIssuer, params: noParams,
			length: between(minIssuerAuth, maxIssuerAuth), allowed: externalAllowed,
			act: (*Card).externalAuthenticate,
		},
	}, scriptCommands()...)
}

func hasPIN(a *image.Application) bool { return a.PIN != nil }

func anyParams(_, _ byte) bool { return true }

// getChallenge is GET CHALLENGE: 8 random bytes, for the next command alone.
func (c *Card) getChallenge(request, *state) ([]byte, error) {
	var challenge [challengeLen]byte
	if err := c.random(challenge[:]); err != nil {
		return nil, err
	}
	c.session.challenge = &challenge
	return challenge[:], nil
}
