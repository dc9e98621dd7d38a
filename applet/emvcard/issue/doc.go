// Package issue makes a blank contactless card somebody's, over its commands: the card makes its
// RSA key, the test CA and the issuer certify that, and STORE DATA brings the rest. It serves any
// such card, package emvcard's and the Java Card applet.
//
//	cfg := personalise.Config{Profile: p, Authority: ca, Issuer: keys}
//	made, err := issue.Card(ctx, session, cfg)
//
// The image that it returns has no private key: that is the card's alone.
//
// Sources: ../../EMV.md, clause 17.
package issue
