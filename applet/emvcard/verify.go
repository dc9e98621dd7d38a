package emvcard

import (
	"crypto/subtle"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

// The qualifiers of VERIFY (EMV 4.3 Book 3, 6.5.12.2).
const (
	pinPlain      = 0x80
	pinEnciphered = 0x88
)

func verifyParams(p1, p2 byte) bool { return p1 == 0 && (p2 == pinPlain || p2 == pinEnciphered) }

// verifyLength wants a PIN block or what is enciphered with the card's key. Which of the two, and
// whether there is a key, verifyAllowed knows.
func verifyLength(c *Card, n int) bool {
	key := pinKey(c.application())
	return key == nil || n == cryptogram.BlockLen || n == len(key.Public().Modulus)
}

// byDevice says whether the device has verified its holder.
func byDevice(a *image.Application) bool { return a.PIN != nil && a.PIN.CDCVM }

// pinKey opens enciphered PINs; nil: the card takes none.
func pinKey(a *image.Application) *oda.PrivateKey {
	if a.PINKey != nil {
		return a.PINKey
	}
	return a.ODA
}

// verifyAllowed wants the length that goes with P2, a try that is left, a challenge before an
// enciphered PIN, and a transaction that has no cryptogram yet.
func verifyAllowed(c *Card, r request) error {
	a := c.application()
	plain, key := r.p2() == pinPlain, pinKey(a)
	switch {
	case !plain && key == nil:
		return apdu.SWIncorrectP1P2
	case plain && len(r.data) != cryptogram.BlockLen,
		!plain && len(r.data) != len(key.Public().Modulus):
		return apdu.SWWrongLength
	case c.account(&c.persistent.state).tries == 0:
		return apdu.SWAuthMethodBlocked
	case !plain && r.challenge == nil:
		return apdu.SWReferenceDataNotUsable
	case c.session.tx.stage != stageInitiated || byDevice(a):
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// verify is VERIFY. The try is counted, and that written, before anything is compared or
// deciphered: whoever cuts the power has tried. An enciphered PIN that doesn't open is a wrong one.
func (c *Card) verify(r request, next *state) ([]byte, error) {
	c.account(next).tries--
	if err := c.persistent.commit(next); err != nil {
		return nil, err
	}
	*next = c.persistent.state.clone()
	account, a := c.account(next), c.application()
	c.session.tx.pin = verification{tried: true}
	given, opens := c.givenPIN(r)
	if subtle.ConstantTimeCompare(given[:], account.pin[:])&opens == 0 {
		return nil, wrongPIN(account.tries)
	}
	account.tries = a.PIN.Tries
	c.session.tx.pin.right = true
	return nil, nil
}

// givenPIN returns the block that was sent, and 1 if it came as it must.
func (c *Card) givenPIN(r request) (block [cryptogram.BlockLen]byte, opens int) {
	if r.p2() == pinPlain {
		return [cryptogram.BlockLen]byte(r.data), 1
	}
	block, challenge, err := oda.DecipherPIN(pinKey(c.application()), r.data)
	if err != nil {
		return block, 0
	}
	return block, subtle.ConstantTimeCompare(challenge[:], r.challenge[:])
}

// wrongPIN is 63Cx, with the tries that are left.
func wrongPIN(left byte) apdu.SW {
	const wrong apdu.SW = 0x63C0
	return wrong | apdu.SW(left&0x0F)
}
