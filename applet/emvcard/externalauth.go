package emvcard

import (
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

// Issuer authentication data have 8 to 16 bytes (EMV 4.3 Book 3, annex A, 91).
const (
	minIssuerAuth = 8
	maxIssuerAuth = 16
)

// authenticatesIssuer says whether EXTERNAL AUTHENTICATE is offered (AIP byte 1 bit 3).
func authenticatesIssuer(a *image.Application) bool {
	const issuerAuthentication = 0x04
	return a.AIP[0]&issuerAuthentication != 0
}

// externalAllowed wants an ARQC that nothing was said to yet: one command in a transaction (EMV
// 4.3 Book 3, 6.5.4.5).
func externalAllowed(c *Card, _ request) error {
	if c.session.tx.stage != stageRequested || c.session.tx.authenticated.tried {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// externalAuthenticate is EXTERNAL AUTHENTICATE. What the issuer says is obeyed by the second
// cryptogram; that its answer was wrong is remembered at once.
func (c *Card) externalAuthenticate(r request, next *state) ([]byte, error) {
	if c.authenticateIssuer(next, r.data) {
		return nil, nil
	}
	c.account(next).set(flagAuthFailed, true)
	return nil, apdu.SWWarningChanged
}
