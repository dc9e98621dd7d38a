package emvcard

import (
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// The parameters of PIN CHANGE/UNBLOCK (EMV 4.3 Book 3, 6.5.10.2).
const (
	pinUnblock = 0x00
	pinChange  = 0x02
)

// mostScripts is how many script commands the card verification results count.
const mostScripts = 15

// scriptCommands are those of issuer scripts, which an application without a second GENERATE AC
// never gets. All come with secure messaging, in the format of the application's scheme.
func scriptCommands() []command {
	script := func(ins byte, length func(*Card, int) bool, act action) command {
		return command{
			class: proprietary, ins: ins, secure: true, offered: completes, params: noParams,
			length: length, allowed: scriptAllowed, act: secured(act, inClear),
		}
	}
	none := func(c *Card, n int) bool { return n == c.fieldLen(0, false) }
	change := script(emv.InsPINChange, pinChangeLength, (*Card).changePIN)
	change.offered, change.params, change.allowed = changesPIN, pinChangeParams, pinChangeAllowed
	change.act = secured((*Card).changePIN, changes)
	value := func(c *Card, n int) bool { return n >= c.fieldLen(1, false) }
	put := script(byte(wire.InsPutData), value, (*Card).putData)
	put.class, put.offered, put.params = interindustry, hasObject, anyParams
	return []command{
		script(emv.InsApplicationBlock, none, (*Card).block), script(emv.InsApplicationUnblock,
			none, (*Card).unblock),
		script(emv.InsCardBlock, none, (*Card).blockCard), change, put,
	}
}

// fieldLen is how long the data field of a script command is for n bytes of data.
func (c *Card) fieldLen(n int, secret bool) int {
	a := c.application()
	return a.Scheme.FieldLen(n, secret, int(a.ScriptMAC))
}

// inClear and changes say whether a script command's data are enciphered.
func inClear(request) bool { return false }

func changes(r request) bool { return r.p2() == pinChange }

// completes says whether an application has a second GENERATE AC, and with it an issuer to hear.
func completes(a *image.Application) bool { return a.CDOL2 != nil }

func changesPIN(a *image.Application) bool { return completes(a) && hasPIN(a) }

// scriptAllowed wants a cryptogram in this transaction, from which the keys come, and no script
// that failed in it: nobody tries MACs one after the other.
func scriptAllowed(c *Card, _ request) error {
	stage := c.session.tx.stage
	failed := c.session.tx.scripted && c.account(&c.persistent.state).scripts.failed
	if stage != stageRequested && stage != stageDone || failed {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// secured checks the MAC, then acts. What came of it is counted for the next transaction's card
// verification results, the first time in a transaction from zero.
func secured(act action, secret func(request) bool) action {
	return func(c *Card, r request, next *state) ([]byte, error) {
		account := c.account(next)
		if !c.session.tx.scripted {
			account.scripts = scripts{}
		}
		var err error
		if r.data, err = c.messaging().Open(r.header, r.data, secret(r)); err == nil {
			_, err = act(c, r, next)
		} else {
			err = refusal(err)
		}
		if err == nil {
			account.scripts.done = min(account.scripts.done+1, mostScripts)
		} else {
			account.scripts.failed = true
		}
		c.session.tx.scripted = true
		return nil, err
	}
}

// refusal is the status word for what secure messaging refuses.
func refusal(err error) error {
	switch {
	case errors.Is(err, cryptogram.ErrNoMAC):
		return apdu.SWSMObjectsMissing
	case errors.Is(err, cryptogram.ErrEnciphered):
		return apdu.SWWrongData
	}
	return apdu.SWSMIncorrect
}

// messaging is this transaction's.
func (c *Card) messaging() *cryptogram.Messaging {
	a, tx := c.application(), &c.session.tx
	if tx.messaging == nil {
		tx.messaging = a.Scheme.Messaging(a.Keys, c.atc(&c.persistent.state), tx.ac, int(a.ScriptMAC))
	}
	return tx.messaging
}

// block is APPLICATION BLOCK: the next selection answers 6283, each cryptogram is an AAC.
func (c *Card) block(_ request, next *state) ([]byte, error) {
	c.account(next).blocked = true
	return nil, nil
}

// unblock is APPLICATION UNBLOCK.
func (c *Card) unblock(_ request, next *state) ([]byte, error) {
	c.account(next).blocked = false
	return nil, nil
}

// blockCard is CARD BLOCK: for good, SELECT answers 6A81.
func (c *Card) blockCard(_ request, next *state) ([]byte, error) {
	next.blocked = true
	return nil, nil
}

func pinChangeParams(p1, p2 byte) bool { return p1 == 0 && (p2 == pinUnblock || p2 == pinChange) }

// pinChangeLength wants a MAC, or a PIN and a MAC. Which of the two, pinChangeAllowed knows.
func pinChangeLength(c *Card, n int) bool {
	return n == c.fieldLen(0, false) || n == c.fieldLen(cryptogram.BlockLen, true)
}

func pinChangeAllowed(c *Card, r request) error {
	if changes(r) != (len(r.data) == c.fieldLen(cryptogram.BlockLen, true)) {
		return apdu.SWWrongLength
	}
	return scriptAllowed(c, r)
}

// changePIN is PIN CHANGE/UNBLOCK: all tries are back, and the PIN is another one if there is one.
func (c *Card) changePIN(r request, next *state) ([]byte, error) {
	account := c.account(next)
	if changes(r) {
		digits, err := c.messaging().ReadPIN(r.data)
		if err != nil {
			return nil, apdu.SWWrongData
		}
		if account.pin, err = cryptogram.PINBlock(digits); err != nil {
			return nil, apdu.SWWrongData
		}
	}
	account.tries = c.application().PIN.Tries
	return nil, nil
}

// hasObject says whether PUT DATA is offered.
func hasObject(a *image.Application) bool {
	if !completes(a) {
		return false
	}
	for _, o := range a.Objects {
		if o.Put {
			return true
		}
	}
	return false
}

// putData is PUT DATA: another value, as long as the one before.
func (c *Card) putData(r request, next *state) ([]byte, error) {
	i := c.objectAt(tlv.Tag(r.p1())<<8 | tlv.Tag(r.p2()))
	objects := c.account(next).objects
	switch {
	case i < 0 || !c.application().Objects[i].Put:
		return nil, apdu.SWReferenceNotFound
	case len(r.data) != len(objects[i]):
		return nil, apdu.SWWrongData
	}
	objects[i] = append([]byte(nil), r.data...)
	return nil, nil
}
