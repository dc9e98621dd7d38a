package general

import (
	"context"
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// What VERIFY carries, and what GET CHALLENGE gives, in bytes.
const (
	pinBlockLen  = cryptogram.BlockLen
	challengeLen = 8
)

// onlinePIN asks for a PIN that goes to the issuer.
func (v *verifier) onlinePIN() rules.Outcome {
	t := v.t
	if t.config.PINPad == nil {
		return rules.NoPad
	}
	block, err := t.config.PINPad.Online(v.ctx, t.out.PAN.Reveal())
	if err != nil {
		return withoutPIN(err)
	}
	t.pinBlock, t.out.OnlinePIN = block, true
	return rules.Unsure
}

// withoutPIN says what became of a pad that gave no PIN.
func withoutPIN(err error) rules.Outcome {
	if errors.Is(err, ErrNotEntered) {
		return rules.NotGiven
	}
	return rules.NoPad
}

// offlinePIN asks for a PIN until the card takes it, or no more (EMV 4.3 Book 3, 10.5.1).
func (v *verifier) offlinePIN(enciphered bool) rules.Outcome {
	t := v.t
	if t.config.PINPad == nil {
		return rules.NoPad
	}
	left, err := t.pinTries(v.ctx)
	if err != nil {
		v.err = err
		return rules.Failed
	}
	if left == 0 {
		return rules.TriesUsed
	}
	for again := false; ; again = true {
		digits, err := t.config.PINPad.Offline(v.ctx, left, again)
		if err != nil {
			return withoutPIN(err)
		}
		what, more, err := t.tryPIN(v.ctx, digits, enciphered)
		if err != nil {
			v.err = err
			return rules.Failed
		}
		if more == 0 || more >= left && again {
			return what // a counter that doesn't go down isn't asked for ever
		}
		left = more
	}
}

// pinTries asks the card how many tries are left; -1: it doesn't say.
func (t *transaction) pinTries(ctx context.Context) (int, error) {
	value, err := t.cardCounter(ctx, emv.TagPINTries, 1)
	if err != nil || value == nil {
		return -1, err
	}
	return int(value[0]), nil
}

// tryPIN has the card check a PIN. more is how many tries it offers after a wrong one.
func (t *transaction) tryPIN(
	ctx context.Context, digits string, enciphered bool,
) (what rules.Outcome, more int, err error) {
	block, err := cryptogram.PINBlock(digits)
	if err != nil {
		t.note(clause.PIN, "PIN pad gave what isn't a PIN")
		return rules.NoPad, 0, nil
	}
	defer clear(block[:])
	c := verify(plainPIN, block[:])
	if enciphered {
		sealed, err := t.encipherPIN(ctx, block)
		if err != nil {
			return rules.Failed, 0, err
		}
		if sealed == nil {
			return rules.Failed, 0, nil
		}
		c = verify(encipheredPIN, sealed)
	}
	response, err := t.ask(ctx, c)
	if err != nil {
		return rules.Failed, 0, err
	}
	tries, wrong := response.SW.Counter()
	if !entry.Normal(response) {
		t.note(clause.PIN, "VERIFY answered "+response.SW.String())
	}
	switch {
	case entry.Normal(response):
		return rules.Done, 0, nil
	case wrong && tries > 0:
		return rules.Failed, tries, nil
	case wrong, response.SW == apdu.SWAuthMethodBlocked, response.SW == apdu.SWReferenceDataNotUsable:
		return rules.TriesUsed, 0, nil
	default:
		return rules.Failed, 0, outcome.Terminated(clause.Status, "VERIFY was refused",
			c.Refused(response.SW))
	}
}

// encipherPIN seals a PIN block with the card's key for PINs (Book 2, 7.2); nil: it can't be done,
// and the method has failed. An error ends the transaction.
func (t *transaction) encipherPIN(
	ctx context.Context, block [pinBlockLen]byte,
) ([]byte, error) {
	key, err := t.pinKey()
	if err != nil {
		t.note(clause.EncipheredPIN, "PIN can't be enciphered: "+err.Error())
		return nil, nil //nolint:nilerr,nilnil // the method has failed
	}
	response, err := t.ask(ctx, getChallenge())
	if err != nil {
		return nil, err
	}
	if !entry.Normal(response) || len(response.Data) != challengeLen {
		t.note(clause.EncipheredPIN, "GET CHALLENGE gave no 8 bytes: the enciphered PIN has failed")
		return nil, nil //nolint:nilnil // as above
	}
	return oda.EncipherPIN(t.config.Rand, *key, block, [challengeLen]byte(response.Data))
}

// pinKey recovers the key for PINs, or takes the card's own (7.1).
func (t *transaction) pinKey() (*oda.PublicKey, error) {
	if b := t.config.Believe; b != nil {
		key, err := b.PINKey()
		return &key, err
	}
	if t.auth.issuer == nil {
		if err := t.issuerKey(); err != nil {
			return nil, err
		}
	}
	block, own := t.objects.Find(emv.TagPINCertificate)
	exponent, _ := t.objects.Find(emv.TagPINExponent)
	if !own {
		if t.auth.card == nil {
			if err := t.cardKey(); err != nil {
				return nil, err
			}
		}
		return t.auth.card, nil
	}
	remainder, _ := t.objects.Find(emv.TagPINRemainder)
	card, err := oda.VerifyCard(*t.auth.issuer,
		oda.Certificate{Block: block, Remainder: remainder, Exponent: exponent}, nil, t.data.PAN, t.now)
	if err != nil {
		return nil, err
	}
	return &card.Key, nil
}
