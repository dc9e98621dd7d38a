package emvcard

import (
	"bytes"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
)

// The authorisation response codes by which a terminal says that it couldn't go online (EMV 4.3
// Book 4, annex A6).
const (
	codeUnableApproved = "Y3"
	codeUnableDeclined = "Z3"
)

// Issuer authentication data by method 2: ARPC, card status update, up to 8 bytes more.
const (
	arpcLen1 = 8
	arpcLen2 = 4
)

// secondCryptogram is the second GENERATE AC: it completes a transaction that went online, or
// should have (EMV 4.3 Book 3, 10.11).
func (c *Card) secondCryptogram(r request, next *state) ([]byte, error) {
	tx := &c.session.tx
	tx.cdol2 = slices.Clone(r.data)
	amount, err := c.amount()
	if err != nil {
		tx.cdol2 = nil
		return nil, err
	}
	if auth := pick(c.application().CDOL2, tx.cdol2, emv.TagIssuerAuth); !tx.authenticated.tried &&
		len(bytes.Trim(auth, "\x00")) > 0 {
		c.authenticateIssuer(next, auth)
	}
	tx.exceeded |= c.exceeded(c.account(next), amount) // CDOL2 may name more than CDOL1 did
	code := string(c.value(emv.TagARC))
	tx.unable = !tx.authenticated.tried && (code == codeUnableApproved || code == codeUnableDeclined)
	tx.second, tx.completed, tx.stage = c.decideSecond(r.p1()&typeMask, next), true, stageDone
	c.remember(next, amount)
	return c.cryptogram(next, tx.second, c.signs(r.p1(), tx.second))
}

// authenticateIssuer checks the value of tag 91 against the first cryptogram and keeps what the
// issuer says. What a list has filled up behind it isn't part of it.
func (c *Card) authenticateIssuer(next *state, auth []byte) bool {
	a, tx := c.application(), &c.session.tx
	tx.authenticated = authentication{tried: true}
	switch {
	case a.Scheme.UpdateLen() == len(tx.authenticated.code):
		auth = auth[:min(len(auth), arpcLen1+len(tx.authenticated.code))]
	case len(auth) > arpcLen2 && auth[arpcLen2]&cryptogram.CSUOwn == 0:
		auth = auth[:min(len(auth), arpcLen2+len(tx.authenticated.update))]
	}
	said, err := a.Scheme.CheckIssuerAuth(a.Keys.AC, c.atc(next), tx.ac, auth)
	if err != nil {
		return false
	}
	tx.authenticated.right = true
	if len(said) == len(tx.authenticated.code) {
		tx.authenticated.code = [2]byte(said)
	} else {
		tx.authenticated.update = [4]byte(said)
	}
	return true
}

// decideSecond is the second card action analysis: which cryptogram the card answers.
func (c *Card) decideSecond(asked byte, next *state) byte {
	a, account, tx := c.application(), c.account(next), &c.session.tx
	refused := false
	switch auth := tx.authenticated; {
	case account.blocked || next.blocked:
		refused = true
	case tx.unable:
		refused = tx.exceeded&exceedsUpper != 0 || a.Risk.OnlineNew && !account.online
	case auth.tried:
		refused = !auth.right || !c.approved()
	default:
		refused = a.Risk.MandatoryAuth
	}
	if refused {
		return emv.CIDAAC
	}
	return asked
}

// approved says whether the issuer, which is authentic, approves.
func (c *Card) approved() bool {
	auth := c.session.tx.authenticated
	if c.application().Scheme.UpdateLen() == len(auth.update) {
		return auth.update[1]&cryptogram.CSUApproves != 0
	}
	switch string(auth.code[:]) {
	case "00", "08", "10", "11":
		return true
	default:
		return false
	}
}

// remember keeps what the transaction leaves for the next ones.
func (c *Card) remember(next *state, amount uint64) {
	account, tx := c.account(next), &c.session.tx
	account.set(flagPending, false)
	switch auth := tx.authenticated; {
	case auth.right:
		c.obey(next, amount)
	case auth.tried:
		account.set(flagAuthFailed, true)
	case !tx.unable:
		account.set(flagAuthAbsent, true)
	}
	if tx.second == emv.CIDTC {
		if !tx.authenticated.right {
			account.count(amount)
		}
		c.logTransaction(next)
	} else if tx.unable {
		c.rememberFailed(account)
	}
}

// obey does what an authentic issuer says.
func (c *Card) obey(next *state, amount uint64) {
	a, account, tx := c.application(), c.account(next), &c.session.tx
	account.lastOnline, account.online, account.flags = account.atc, true, 0
	if !tx.scripted {
		account.scripts = scripts{}
	}
	counters := cryptogram.CSUCounters0
	if a.Scheme.UpdateLen() == len(tx.authenticated.update) {
		update := tx.authenticated.update
		counters = update[1] & cryptogram.CSUCounters
		next.blocked = next.blocked || update[1]&cryptogram.CSUBlocksCard != 0
		account.blocked = account.blocked || update[1]&cryptogram.CSUBlocks != 0
		account.set(flagGoOnline, update[1]&cryptogram.CSUGoOnline != 0)
		if a.PIN != nil && update[1]&cryptogram.CSUSetsTries != 0 {
			account.tries = min(update[0]&cryptogram.CSUTries, a.PIN.Tries)
		}
	} else if !c.approved() {
		return
	}
	switch counters {
	case cryptogram.CSUCounters0:
		account.offline, account.amount = 0, 0
	case cryptogram.CSUCountersTop:
		if upper := c.consecutive(emv.TagUpperLimit, a.Risk.Upper); upper != nil {
			account.offline = uint16(*upper)
		}
		if a.Risk.UpperAmount != nil {
			account.amount = *a.Risk.UpperAmount
		}
	case cryptogram.CSUCountersAdd:
		account.count(amount)
	}
}
