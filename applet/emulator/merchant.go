package emulator

import (
	"crypto/sha256"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// merchantProof is what a mutual arming wants of the merchant before anything is shown that
// identifies card or token.
type merchantProof struct {
	wanted    bool
	given     bool
	challenge challenge
}

// missing says whether nothing may be shown yet.
func (p merchantProof) missing() bool { return p.wanted && !p.given }

// options answers GET PROCESSING OPTIONS, with a challenge to the merchant if the arming is mutual.
func (c *Card) options(afl []byte, flags wire.ArmFlags) ([]byte, error) {
	answer := emv.ProcessingOptions{AIP: emv.AIP(), AFL: afl}
	if err := c.drawRelay(); err != nil {
		return nil, err
	}
	if flags&wire.ArmMutual != 0 {
		fresh := challenge{held: true}
		if err := c.random(fresh.bytes[:]); err != nil {
			return nil, err
		}
		c.session.merchant = merchantProof{wanted: true, challenge: fresh}
		answer.Challenge = (*message.Nonce)(&fresh.bytes)
	}
	return answer.Encode(), nil
}

// authenticateMerchant is EXTERNAL AUTHENTICATE of both payment applications. The challenge is good
// for one try.
func (c *Card) authenticateMerchant(r request, next *state) ([]byte, error) {
	proof := &c.session.merchant
	if !proof.challenge.held {
		return nil, wire.SWConditionsNotSatisfied
	}
	nonce := message.Nonce(proof.challenge.bytes)
	proof.challenge = challenge{}
	proof.given = c.isMerchant(r.data, nonce, next)
	if !proof.given {
		return nil, wire.SWSecurityStatusNotSatisfied
	}
	return nil, nil
}

// isMerchant says whether data come from the certified merchant that the tap's terms name.
func (c *Card) isMerchant(raw []byte, nonce message.Nonce, next *state) bool {
	a, err := emv.ParseMerchantAuth(raw)
	if err != nil {
		return false
	}
	encoded := raw[4 : 4+wire.CertificateLen]
	c.meter.hash(len(encoded))
	said := message.MerchantAuth{
		Challenge: nonce, Certificate: sha256.Sum256(encoded), Time: a.Time,
	}
	var account *tidSlot
	var merchant [wire.MerchantLen]byte
	if c.session.selected == offline {
		asked := c.session.offline.asked
		if said.Certificate != asked.Certificate || said.Time != asked.Time {
			return false
		}
		account = &next.tids[next.tokens[c.session.offline.slot].tid]
		said.Amount, said.Currency, said.UN = asked.Amount, asked.Currency, asked.UN
		merchant = asked.Merchant
	} else {
		t := c.session.tap.terms
		account = &next.tids[next.cards[c.session.tap.slot].tid]
		said.Amount, said.Currency, said.UN = t.amount, t.currency, t.un
		merchant = t.merchant
	}
	if [wire.MerchantLen]byte(a.Certificate.Subject[:]) != merchant {
		return false
	}
	if account.hasTime != 0 && a.Certificate.Expiry < account.time {
		return false
	}
	certificate, err := c.certificate(next, wire.CertMerchant, encoded)
	if err != nil {
		return false
	}
	return c.verify(certificate.Key, wire.MsgMerchantAuth, said.Digest(), a.Signature) == nil
}
