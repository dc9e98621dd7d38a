package emvcard

import (
	"tapbench/applet/emvcard/storedata"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// blankCommands are those of applications that wait for personalisation.
func blankCommands() []command {
	const insGenerateKey, insStoreData = 0x47, 0xE2
	stores := command{
		class: proprietary, ins: insStoreData, at: inBlank, params: storeParams,
		length: between(1, apdu.MaxShortNc), allowed: storeAllowed, act: (*Card).storeData,
	}
	directory := stores
	directory.at = inBlankPPSE
	return []command{
		stores, directory,
		{
			ins: insGenerateKey, at: inBlank, params: keyParams, length: exactly(0),
			act: (*Card).generateKey,
		},
	}
}

// storeParams wants the last block or another one; its number is looked at later.
func storeParams(p1, _ byte) bool { return p1&^storedata.LastBlock == 0 }

// storeAllowed wants block 00, which begins anew, or the one that is due.
func storeAllowed(c *Card, r request) error {
	if !c.session.draft.IsDue(r.p2()) {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// storeData is STORE DATA: a block of the personalisation of what is selected. With the last one
// all that was stored holds, and the application has its commands.
func (c *Card) storeData(r request, next *state) ([]byte, error) {
	rules := storedata.Payment
	if c.session.at == inBlankPPSE {
		rules = storedata.Directory
	}
	groups, err := c.session.draft.Store(rules, r.p1(), r.p2(), r.data)
	if err != nil || groups == nil {
		return nil, err
	}
	b := *c.blank
	selected := session{at: inPPSE}
	if rules == storedata.Payment {
		if b.key == nil {
			return nil, apdu.SWConditionsNotSatisfied
		}
		b.payment, selected.at = groups, inApplication
	} else {
		b.directory = groups
	}
	if err := c.becomes(&b); err != nil {
		return nil, err
	}
	c.session = selected
	*next = c.persistent.state.clone()
	return nil, nil
}

// Tags of the answer to GENERATE ASYMMETRIC KEY PAIR (ISO/IEC 7816-8:2004, table 4).
const (
	tagPublicKey tlv.Tag = 0x7F49
	tagModulus   tlv.Tag = 0x81
	tagExponent  tlv.Tag = 0x82
)

// keyParams wants P1-P2 8000: make a pair, answer the public key.
func keyParams(p1, p2 byte) bool { return p1 == 0x80 && p2 == 0 }

// generateKey makes the card's RSA key, in the place of one that was made before.
func (c *Card) generateKey(request, *state) ([]byte, error) {
	key, err := c.blank.makeKey(c.rand)
	if err != nil {
		return nil, err
	}
	b := *c.blank
	b.key = key
	if err := c.becomes(&b); err != nil {
		return nil, err
	}
	public := key.Public()
	return tlv.Append(nil, tagPublicKey, tlv.Append(tlv.Append(nil, tagModulus, public.Modulus),
		tagExponent, public.Exponent)), nil
}

// becomes makes the card another one, which is written in one step.
func (c *Card) becomes(b *blank) error {
	card := b.image()
	if err := checkImage(&card); err != nil {
		return err
	}
	before, after := c.persistent.tear.Next()
	if before {
		return errPower
	}
	p, err := load((*innerStore)(b), &card)
	if err != nil {
		return err
	}
	if err := b.commit(); err != nil {
		return err
	}
	p.tear = c.persistent.tear
	c.image, c.persistent, c.blank = card, p, b
	if after {
		return errPower
	}
	return nil
}
