package replay

import (
	"bytes"
	"context"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emv/pinblock"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// emvHost answers as the recorded issuer did, as far as the card was told.
type emvHost struct{ *emvTap }

var _ general.Host = emvHost{}

// Authorise implements general.Host. A response code of the terminal's own (EMV 4.3 Book 4, annex
// A6: it begins with Y or Z) means that there was no answer. Where the card was told none, the
// issuer approved if a TC was asked for, or if nobody asked the card any more.
func (h emvHost) Authorise(context.Context, general.Request) (outcome.Answer, error) {
	arc := h.later[emv.TagARC]
	if len(arc) == 2 && (arc[0] == 'Y' || arc[0] == 'Z') {
		return outcome.Answer{}, fmt.Errorf("%w: %w", general.ErrNotSent, errSilent)
	}
	const kind = 0xC0
	a := outcome.Answer{ARC: [2]byte{'0', '0'}, IssuerAuth: h.issuerAuth}
	if h.acs > 1 && rules.Decision(h.p1&kind) == rules.Decline {
		a.ARC = [2]byte{'0', '5'}
	}
	if len(arc) == 2 {
		a.ARC = [2]byte(arc)
	}
	if auth := h.later[emv.TagIssuerAuth]; a.IssuerAuth == nil && len(auth) > 0 {
		a.IssuerAuth = auth
	}
	if len(h.before) > 0 {
		a.Scripts = tlv.Append(a.Scripts, emv.TagScriptBefore, h.before)
	}
	if len(h.after) > 0 {
		a.Scripts = tlv.Append(a.Scripts, emv.TagScriptAfter, h.after)
	}
	return a, nil
}

// recordedPad is a PIN pad on which as many PINs are entered as the card was told. Which ones no
// recording says; the card that is played takes any.
type recordedPad struct {
	left   int
	online bool // one was entered for the issuer
}

var _ general.PINPad = (*recordedPad)(nil)

// Offline implements general.PINPad.
func (p *recordedPad) Offline(context.Context, int, bool) (string, error) {
	if p.left == 0 {
		return "", general.ErrNotEntered
	}
	p.left--
	return "0000", nil
}

// Online implements general.PINPad.
func (p *recordedPad) Online(context.Context, string) (pinblock.Block, error) {
	if !p.online {
		return nil, general.ErrNotEntered
	}
	return make(pinblock.Block, 8), nil
}

// believer believes what the recorded terminal believed, by what it told the card.
type believer struct{ *emvTap }

var _ general.Believer = believer{}

// Keys implements general.Believer.
func (b believer) Keys(m outcome.Method) ([]byte, error) {
	tvr := b.tvr(false)
	failed := false
	switch m {
	case outcome.SDA:
		failed = tvr.Has(rules.SDAFailed)
	case outcome.DDA:
		failed = tvr.Has(rules.DDAFailed) && !b.authenticated
	case outcome.CDA:
		failed = tvr.Has(rules.CDAFailed)
	case outcome.FastDDA, outcome.NoMethod:
	}
	if failed {
		return nil, general.ErrDisbelieved
	}
	return b.values[emv.TagAuthenticationCode], nil
}

// Signature implements general.Believer.
func (b believer) Signature(m outcome.Method, second bool) ([]byte, error) {
	failed := m == outcome.DDA && b.tvr(false).Has(rules.DDAFailed) ||
		m == outcome.CDA && !second && b.tvr(true).Has(rules.CDAFailed)
	if failed {
		return nil, general.ErrDisbelieved
	}
	if number := b.values[emv.TagDynamicNumber]; m != outcome.CDA {
		return number, nil
	}
	return b.later[emv.TagDynamicNumber], nil
}

// PINKey implements general.Believer: a number of the recorded length that a key may have.
func (b believer) PINKey() (oda.PublicKey, error) {
	for _, n := range b.verified {
		if n >= oda.MinModulus && n <= oda.MaxModulus {
			return oda.PublicKey{Modulus: bytes.Repeat([]byte{0xFF}, n), Exponent: []byte{3}}, nil
		}
	}
	return oda.PublicKey{}, general.ErrDisbelieved
}
