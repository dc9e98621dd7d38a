package emvcard

import "tapbench/applet/emvcard/image"

// The instructions that serve the issuer and the PIN (EMV 4.3 Book 3, 6.5; PUT DATA: ISO/IEC
// 7816-4:2005, 7.4.2).
const (
	insCardBlock    byte = 0x16
	insUnblock      byte = 0x18
	insBlock        byte = 0x1E
	insVerify       byte = 0x20
	insPINChange    byte = 0x24
	insAuthenticate byte = 0x82
	insChallenge    byte = 0x84
	insGetData      byte = 0xCA
	insPutData      byte = 0xDA
)

// issuerCommands are those that serve the issuer and the PIN.
func issuerCommands() []command {
	return append([]command{
		{
			ins: insChallenge, offered: hasPIN, params: noParams, length: exactly(0),
			act: (*Card).getChallenge,
		},
		{
			ins: insVerify, offered: hasPIN, params: verifyParams, length: verifyLength,
			allowed: verifyAllowed, act: (*Card).verify,
		},
		{
			class: proprietary, ins: insGetData, params: anyParams, length: exactly(0),
			act: (*Card).getData,
		},
		{
			ins: insAuthenticate, offered: authenticatesIssuer, params: noParams,
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
