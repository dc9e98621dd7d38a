package emulator

import (
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// offlineOptionsLen is the length of GET PROCESSING OPTIONS' data: 83, length, PDOL data.
const offlineOptionsLen = 2 + emv.OfflinePDOLDataLen

// offlineTap is one run of the offline payment application.
type offlineTap struct {
	stage stage
	slot  int // of the token
	asked emv.OfflinePDOLData
	units token.Interval
}

// offlineCommands are the commands of the offline payment application.
func offlineCommands() []command {
	return []command{
		own(wire.InsGetProcessingOptions, noParams, (*Card).offerToken,
			offlineOptionsLen).unproven(),
		own(wire.InsExchangeRelay, noParams, (*Card).exchangeRelay, wire.EntropyLen).unproven(),
		interindustry(wire.InsExternalAuthenticate, noParams, (*Card).authenticateMerchant,
			emv.MerchantAuthLen).unproven(),
		interindustry(wire.InsReadRecord, tokenRecordParams, (*Card).readToken, 0).unproven(),
		own(wire.InsGenerateAC, acParams, (*Card).signPayment, emv.OfflineCDOL1DataLen).unproven(),
		own(wire.InsTick, tickParams, (*Card).tick, 0).unproven(),
		own(wire.InsPutData, receiptParams, (*Card).putReceipt, wire.SignatureLen).unproven(),
	}
}

func offlineFCI() []byte { return emv.OfflineFCI().Encode() }

// offerToken is GET PROCESSING OPTIONS. It chooses a token and changes nothing that stays.
func (c *Card) offerToken(r request, next *state) ([]byte, error) {
	c.session.offline, c.session.merchant = offlineTap{}, merchantProof{}
	if next.arm.state == wire.ArmNone {
		return nil, wire.SWConditionsNotSatisfied
	}
	if r.data[0] != 0x83 || r.data[1] != emv.OfflinePDOLDataLen {
		return nil, wire.SWWrongData
	}
	asked, err := emv.ParseOfflinePDOLData(r.data[2:])
	if err != nil || !isBCD(asked.Amount[:]) || asked.Type != 0 ||
		asked.Unit != 0 && !token.KnownClass(asked.Unit) {
		return nil, wire.SWWrongData
	}
	slot, units, ok := next.tokenFor(asked)
	if !ok {
		return nil, wire.SWConditionsNotSatisfied
	}
	answer, err := c.options(emv.OfflineAFL(), next.arm.flags)
	if err != nil {
		return nil, err
	}
	c.session.offline = offlineTap{stage: stageOffered, slot: slot, asked: asked, units: units}
	return answer, nil
}

// tokenFor chooses the token for a payment: the one that is bound to it already; else one that this
// merchant knows, if the arming lets it; else the one that locks up the least money.
func (s *state) tokenFor(d emv.OfflinePDOLData) (slot int, units token.Interval, ok bool) {
	if s.arm.state == wire.ArmBound {
		bound := &s.tokens[s.arm.slot%wire.TokenSlots]
		ok = s.arm.target == wire.ArmToken && s.arm.tries < wire.TapTries && bound.says(d)
		return int(s.arm.slot), bound.said.units(), ok
	}
	for i := range s.tokens {
		offered, fits := s.offersToken(&s.tokens[i], d)
		if fits && (!ok || s.tokens[i].before(&s.tokens[slot])) {
			slot, units, ok = i, offered, true
		}
	}
	return slot, units, ok
}

// before says whether a token is taken rather than one in a lower slot.
func (t *tokenSlot) before(o *tokenSlot) bool {
	if t.state != o.state {
		return t.state == wire.TokenUsed
	}
	return t.unit < o.unit
}

// says says whether a payment is the one that a token is bound to.
func (t *tokenSlot) says(d emv.OfflinePDOLData) bool {
	unit := byte(0)
	if t.kind == wire.TokenMeter {
		unit = t.unit
	}
	terms := statementOf(d, t.said.units())
	terms.relay = t.said.relay // of the first tap: the payment is the same
	return d.Unit == unit && d.Currency == t.policy.Currency && t.said == terms
}

// statementOf is what a payment binds a token to.
func statementOf(d emv.OfflinePDOLData, units token.Interval) statement {
	return statement{
		from: units.From, to: units.To, amount: d.Amount, merchant: d.Merchant,
		certificate: d.Certificate, time: d.Time, un: d.UN,
	}
}

// units returns the interval of a statement.
func (s statement) units() token.Interval { return token.Interval{From: s.from, To: s.to} }

// offersToken says whether a token may pay, and with which units.
func (s *state) offersToken(t *tokenSlot, d emv.OfflinePDOLData) (units token.Interval, ok bool) {
	amount, err1 := emv.ParseN12(d.Amount)
	limit, err2 := emv.ParseN12(s.arm.limit)
	tid := &s.tids[t.tid%wire.TIDSlots]
	switch {
	case err1 != nil || err2 != nil || amount > limit:
		return units, false
	case t.state != wire.TokenReady && !s.reuses(t, d):
		return units, false
	case d.Currency != t.policy.Currency || d.Currency != s.arm.currency:
		return units, false
	case d.Unit != 0 && d.Unit != t.unit || !tid.lies(d.Time, t.epoch):
		return units, false
	case !t.allows(amount) || uint64(tid.offline)+amount > uint64(t.policy.Offline):
		return units, false
	}
	return t.take(amount)
}

// take returns a token's next units that make an amount, if it has them.
func (t *tokenSlot) take(amount uint64) (units token.Interval, ok bool) {
	unit := uint64(t.unit)
	if unit == 0 || amount == 0 || amount%unit != 0 || amount/unit > uint64(t.units-t.index) {
		return units, false
	}
	return token.Interval{From: t.index, To: t.index + byte(amount/unit&0xFF)}, true
}

// reuses says whether a token that was shown may be shown again: to the same certified merchant.
func (s *state) reuses(t *tokenSlot, d emv.OfflinePDOLData) bool {
	return s.arm.flags&wire.ArmReuse != 0 && d.Unit == 0 &&
		t.state == wire.TokenUsed && t.kind == wire.TokenSpend &&
		t.said.merchant == d.Merchant && t.said.certificate == d.Certificate
}

// allows looks at the limits of a token's class that count its own payments.
func (t *tokenSlot) allows(amount uint64) bool {
	paid := uint64(t.index) * uint64(t.unit)
	return amount <= uint64(t.policy.PerTap) && paid+amount <= uint64(t.policy.PerToken) &&
		t.taps < t.policy.Taps
}

// lies says whether a terminal's time lies between what the element knows, less a skew, and the end
// of an epoch. The time is looked at and forgotten.
func (t *tidSlot) lies(terminal uint32, until message.Epoch) bool {
	const epoch = uint64(message.EpochLength / time.Second)
	now := uint64(terminal)
	return t.hasTime != 0 && now+wire.ClockSkew >= uint64(t.time)*epoch &&
		now < (uint64(until)+1)*epoch
}
