package emvcard

import (
	"math"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// optionsLength wants 83, a length and the values that the PDOL asks for.
func optionsLength(c *Card, n int) bool {
	return n == len(tlv.Append(nil, emv.TagCommandTemplate, make([]byte, dolLen(c.application().PDOL))))
}

// optionsAllowed wants that none were asked for since the selection, and a transaction counter that
// can still rise.
func optionsAllowed(c *Card, _ request) error {
	if c.session.tx.stage != stageSelected || c.account(&c.persistent.state).atc == math.MaxUint16 {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// getProcessingOptions is GET PROCESSING OPTIONS (EMV 4.3 Book 3, 6.5.8): it begins a transaction.
func (c *Card) getProcessingOptions(r request, next *state) ([]byte, error) {
	a, account := c.application(), c.account(next)
	values, err := tlv.Find(r.data, emv.TagCommandTemplate)
	if err != nil || len(values) != dolLen(a.PDOL) {
		return nil, apdu.SWWrongData
	}
	c.session.tx = transaction{
		stage: stageInitiated, pdol: slices.Clone(values),
		before: before{account.flags, account.scripts, account.online},
	}
	if _, err := c.amount(); err != nil {
		c.session.tx = transaction{}
		return nil, err
	}
	if err := c.drawRelay(); err != nil {
		return nil, err
	}
	if byDevice(a) {
		c.session.tx.pin = verification{tried: true, right: true}
	}
	account.atc++
	if c.fast() {
		return c.fastAnswer(next)
	}
	if a.Format1 {
		return tlv.Append(nil, emv.TagFormat1, a.AIP[:], a.AFL), nil
	}
	return format2([]tlv.Element{
		{Tag: emv.TagAIP, Value: a.AIP[:]}, {Tag: emv.TagAFL, Value: a.AFL},
	}), nil
}

// dolLen is how long the values of a list are, in bytes. The lists of an image were checked.
func dolLen(dol []byte) int {
	entries, err := tlv.ParseDOL(dol)
	if err != nil {
		return 0
	}
	return tlv.DOLLen(entries)
}

// transactionCommands are those with which a transaction is made.
func transactionCommands() []command {
	return []command{
		{
			class: proprietary, ins: byte(wire.InsGetProcessingOptions), params: noParams,
			length:  optionsLength,
			allowed: optionsAllowed, act: (*Card).getProcessingOptions,
		},
		{
			ins: byte(wire.InsReadRecord), at: inFiles, params: recordParams, length: exactly(0),
			act: (*Card).readRecord,
		},
		{
			ins: emv.InsInternalAuthenticate, offered: hasKey, params: noParams, length: authenticateLength,
			allowed: authenticateAllowed, act: (*Card).internalAuthenticate,
		},
		{
			class: proprietary, ins: byte(wire.InsExchangeRelay), offered: hasRelay, params: noParams,
			length: exactly(wire.EntropyLen), allowed: relayAllowed, act: (*Card).exchangeRelay,
		},
		{
			class: proprietary, ins: byte(wire.InsGenerateAC), params: generateParams, length: generateLength,
			allowed: generateAllowed, act: (*Card).generateAC,
		},
	}
}
