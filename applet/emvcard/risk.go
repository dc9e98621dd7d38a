package emvcard

import (
	"math"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// limits are those of card risk management that a transaction would exceed.
type limits byte

const (
	lowerCount limits = 1 << iota
	upperCount
	lowerAmount
	upperAmount
)

const (
	exceedsUpper = upperCount | upperAmount
	// forcesOnline are the flags of earlier transactions that want this one online.
	forcesOnline = flagPending | flagAuthFailed | flagGoOnline
)

// The terminal verification results of offline data authentication (EMV 4.3 Book 3, annex C5,
// byte 1).
const (
	tvrLen            = 5
	tvrSDAFailed byte = 0x40
	tvrDDAFailed byte = 0x08
	tvrCDAFailed byte = 0x04
)

// decide is card risk management and the first card action analysis (EMV 4.3 Book 3, 10.8): which
// cryptogram the card answers to the one that was asked for, and what it remembers of it.
func (c *Card) decide(asked byte, next *state) error {
	account, tx := c.account(next), &c.session.tx
	amount, err := c.amount()
	if err != nil {
		return err
	}
	tx.exceeded = c.exceeded(account, amount)
	tx.first = asked
	switch {
	case account.blocked || next.blocked:
		tx.first = emv.CIDAAC
	case asked == emv.CIDTC && c.wantsOnline(account):
		tx.first = emv.CIDARQC
	}
	switch tx.first {
	case emv.CIDTC:
		account.count(amount)
		c.logTransaction(next)
	case emv.CIDAAC:
		c.rememberFailed(account)
	}
	return nil
}

// wantsOnline says whether the card answers an ARQC where a TC is asked for.
func (c *Card) wantsOnline(account *account) bool {
	tx, risk := &c.session.tx, &c.application().Risk
	return tx.exceeded != 0 || tx.before.flags&forcesOnline != 0 || risk.OnlineNew && !account.online ||
		risk.MandatoryAuth && tx.before.flags&flagAuthAbsent != 0
}

// exceeded says which limits a transaction of this amount would exceed if it were approved offline.
func (c *Card) exceeded(account *account, amount uint64) (l limits) {
	risk := &c.application().Risk
	count, total := uint64(account.offline)+1, sum(account.amount, amount)
	lower := c.consecutive(emv.TagLowerLimit, risk.Lower)
	upper := c.consecutive(emv.TagUpperLimit, risk.Upper)
	for _, limit := range []struct {
		limit   limits
		set     bool
		reached uint64
		most    uint64
	}{
		{lowerCount, lower != nil, count, number(lower)},
		{upperCount, upper != nil, count, number(upper)},
		{lowerAmount, risk.LowerAmount != nil, total, number(risk.LowerAmount)},
		{upperAmount, risk.UpperAmount != nil, total, number(risk.UpperAmount)},
	} {
		if limit.set && limit.reached > limit.most {
			l |= limit.limit
		}
	}
	return l
}

// consecutive is a limit of consecutive transactions: the value of its data object, which PUT DATA
// may have changed, or else that of the image.
func (c *Card) consecutive(tag tlv.Tag, from *byte) *byte {
	if value := c.object(tag); from != nil && len(value) == 1 {
		return &value[0]
	}
	return from
}

// number is what a limit says, 0 for none.
func number[N byte | uint64](n *N) uint64 {
	if n == nil {
		return 0
	}
	return uint64(*n)
}

// count adds an approval that the issuer wasn't asked for, or hasn't been shown to give.
func (a *account) count(amount uint64) {
	if a.offline < math.MaxUint16 {
		a.offline++
	}
	a.amount = sum(a.amount, amount)
}

// sum adds amounts, up to twelve digits.
func sum(a, b uint64) uint64 { return min(a+b, emv.MaxN12) }

// amount returns what the transaction adds to the cumulative amount: 9F02 in the currency of the
// limits, 0 in another one. What isn't a number of
// up to twelve digits is refused by 6A80.
func (c *Card) amount() (uint64, error) {
	var amount uint64
	for _, b := range c.value(emv.TagAmount) {
		high, low := uint64(b>>4), uint64(b&0x0F)
		amount = amount*100 + high*10 + low
		if high > 9 || low > 9 || amount > emv.MaxN12 {
			return 0, apdu.SWWrongData
		}
	}
	currency := c.value(emv.TagCurrency)
	if currency != nil && string(currency) != string(c.application().Risk.Currency[:]) {
		return 0, nil
	}
	return amount, nil
}

// rememberFailed keeps, of a declined transaction, that its offline data authentication failed.
func (c *Card) rememberFailed(account *account) {
	tvr := c.value(emv.TagTVR)
	if len(tvr) == 0 {
		return
	}
	if tvr[0]&tvrSDAFailed != 0 {
		account.set(flagSDAFailed, true)
	}
	if tvr[0]&(tvrDDAFailed|tvrCDAFailed) != 0 {
		account.set(flagDDAFailed, true)
	}
}
