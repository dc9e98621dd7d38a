package emulator

import (
	"math"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// tokenRecordParams wants record 1 of SFI 1.
func tokenRecordParams(p1, p2 byte) error {
	if err := recordParams(p1, p2); err != nil {
		return err
	}
	if p1 != 1 {
		return wire.SWRecordNotFound
	}
	return nil
}

// tickParams wants any unit's number in P1.
func tickParams(_, p2 byte) error { return within(0, 1, p2, 1) }

// receiptParams wants the receipt's tag.
func receiptParams(p1, p2 byte) error {
	if dataTag(p1, p2) != wire.TagMerchantReceipt {
		return wire.SWReferenceNotFound
	}
	return nil
}

// readToken is READ RECORD. The first one gives the units away: they are committed to these terms
// before the token is shown, and to no others ever after.
func (c *Card) readToken(_ request, next *state) ([]byte, error) {
	tap := &c.session.offline
	if tap.stage == stageNone {
		return nil, wire.SWConditionsNotSatisfied
	}
	if c.session.merchant.missing() {
		return nil, wire.SWSecurityStatusNotSatisfied
	}
	if tap.stage == stageOffered {
		if !next.bind(*tap, c.session.relay.last) {
			return nil, wire.SWConditionsNotSatisfied
		}
		tap.stage = stageReleased // a failing commit takes the session with it
	}
	t := &next.tokens[tap.slot]
	return emv.TokenRecord{
		Token: t.token(), From: t.said.from, To: t.said.to, Relay: message.NewRelay(t.said.relay),
	}.Encode(), nil
}

// bind gives a token's next units to a payment, or shows the bound token to it again. What was
// exchanged against relays before the first time is a part of the statement.
func (s *state) bind(tap offlineTap, exchanged message.Relay) bool {
	if s.arm.state == wire.ArmBound {
		s.arm.tries++
		return true
	}
	t := &s.tokens[tap.slot]
	tid := &s.tids[t.tid]
	amount, err := emv.ParseN12(tap.asked.Amount)
	if err != nil || uint64(tid.offline)+amount > math.MaxUint32 {
		return false // can't be: the offer looked at both
	}
	tid.offline += uint32(amount & math.MaxUint32)
	t.state, t.kind = wire.TokenUsed, wire.TokenSpend
	if tap.asked.Unit != 0 {
		t.kind = wire.TokenMeter
	}
	t.said = statementOf(tap.asked, tap.units)
	t.said.relay = exchanged.Bytes()
	t.index, t.ticks = tap.units.To, tap.units.From
	t.sigma, t.receipt = message.Signature{}, message.Signature{}
	t.taps++
	s.arm.state, s.arm.target, s.arm.slot = wire.ArmBound, wire.ArmToken, byte(tap.slot)
	s.arm.tries = 1
	return true
}

// signPayment is GENERATE AC: sigma over the terms, stored before it is given, or an AAC, which
// ends the tap.
func (c *Card) signPayment(r request, next *state) ([]byte, error) {
	tap := &c.session.offline
	if tap.stage != stageReleased || r.p1 == wire.P1ARQC {
		return nil, wire.SWConditionsNotSatisfied
	}
	if [wire.UNLen]byte(r.data) != tap.asked.UN {
		return nil, wire.SWWrongData
	}
	t := &next.tokens[tap.slot]
	answer := emv.OfflineAnswer{CID: emv.CIDAAC, ATC: uint16(t.taps)}
	if r.p1 == wire.P1AAC {
		c.end(next)
		return answer.Encode(), nil
	}
	if t.sigma == (message.Signature{}) {
		sigma, err := c.signStatement(t)
		if err != nil {
			return nil, err
		}
		t.sigma = sigma
	}
	answer.CID, answer.Signature = emv.CIDTC, t.sigma
	answer.From, answer.To = t.said.from, t.said.to
	if t.kind == wire.TokenSpend {
		value, err := c.chainValue(t, t.said.to)
		if err != nil {
			return nil, err
		}
		answer.Value = &value
	}
	tap.stage = stageRequested
	return answer.Encode(), nil
}

// signStatement signs what a token is bound to, by its kind.
func (c *Card) signStatement(t *tokenSlot) (message.Signature, error) {
	said := t.said
	c.meter.hashFor(wire.SigToken)
	c.meter.load()
	id := t.token().ID()
	if t.kind == wire.TokenMeter {
		return c.sign(t.keys, wire.SigMeter, message.Meter{
			Token: id, From: said.from, Max: said.to, Merchant: said.merchant,
			Certificate: said.certificate, Unit: t.unit, Currency: t.policy.Currency,
			Time: said.time, UN: said.un, Relay: message.NewRelay(said.relay),
		}.Digest())
	}
	return c.sign(t.keys, wire.SigSpend, message.Spend{
		Token: id, From: said.from, To: said.to, Merchant: said.merchant,
		Certificate: said.certificate, Amount: said.amount, Currency: t.policy.Currency,
		Time: said.time, UN: said.un, Relay: message.NewRelay(said.relay),
	}.Digest())
}

// chainValue returns w_j: from the checkpoint above it at most 8 hashes.
func (c *Card) chainValue(t *tokenSlot, j byte) (message.Hash, error) {
	value, hashes, err := t.checkpoints.Value(t.keys.public, t.units, j)
	for range hashes {
		c.meter.hash(token.StepLen)
	}
	return value, err
}

// tick is TICK: one unit more of a metering commitment, written before it is shown; the last one
// again.
func (c *Card) tick(r request, next *state) ([]byte, error) {
	tap := &c.session.offline
	t := &next.tokens[tap.slot]
	if tap.stage != stageRequested || t.kind != wire.TokenMeter {
		return nil, wire.SWConditionsNotSatisfied
	}
	switch {
	case r.p1 == t.ticks && r.p1 > t.said.from:
	case r.p1 > t.said.from && r.p1 <= t.said.to && r.p1-1 == t.ticks:
		t.ticks = r.p1
	default:
		return nil, wire.SWConditionsNotSatisfied
	}
	value, err := c.chainValue(t, r.p1)
	return value[:], err
}

// putReceipt is PUT DATA: the merchant's signature, which ends arming and tap.
func (c *Card) putReceipt(r request, next *state) ([]byte, error) {
	if c.session.offline.stage != stageRequested {
		return nil, wire.SWConditionsNotSatisfied
	}
	next.tokens[c.session.offline.slot].receipt = message.Signature(r.data)
	c.end(next)
	return nil, nil
}
