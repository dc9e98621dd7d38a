package issuer

import (
	"fmt"

	"tapbench/applet/emv/pinblock"
)

// Response codes for a PIN that the cardholder entered for the issuer (ISO 8583:1987).
const (
	codeWrongPIN  = "55"
	codeTriesUsed = "75"
)

// pinTries is how many wrong PINs in a row the issuer takes.
const pinTries = 3

// PINs are what an issuer needs to check PINs.
type PINs struct {
	// Key is what terminals encipher them under; nil: no PIN can be checked.
	Key *pinblock.Key
	// Cards are the PINs by account number; Other is that of all other cards, if they have one.
	Cards map[string]pinblock.PIN
	Other pinblock.PIN
}

// of is a card's PIN, which may be none.
func (p PINs) of(pan string) pinblock.PIN {
	if own, named := p.Cards[pan]; named {
		return own
	}
	return p.Other
}

// checkPIN says what is wrong with the PIN of a request, if there is one: a response code, and why.
// Where nothing is, the code is empty. The lock is held.
func (i *Issuer) checkPIN(q Request, s signed, c *card) (code, why string) {
	if len(q.PINBlock) == 0 {
		if s.pinEntered {
			return codeDeclined, "the card's TVR says that a PIN was entered for the issuer, and none came"
		}
		return "", ""
	}
	want, key := i.config.PINs.of(q.PAN.Reveal()), i.config.PINs.Key
	switch {
	case key == nil:
		return codeDeclined, "a PIN came, and the issuer has no key for PINs"
	case want.IsZero():
		return codeDeclined, "a PIN came, and the issuer knows none of this card"
	case c.wrongPINs >= pinTries:
		return codeTriesUsed, fmt.Sprintf("%d wrong PINs came before: no more are taken", c.wrongPINs)
	}
	got, err := key.Open(q.PINBlock, q.PAN.Reveal())
	if err != nil {
		return codeDeclined, err.Error()
	}
	if !want.Is(got) {
		c.wrongPINs++
		return codeWrongPIN, fmt.Sprintf("the PIN is wrong: %d of %d", c.wrongPINs, pinTries)
	}
	c.wrongPINs = 0
	return "", ""
}
