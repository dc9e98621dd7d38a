package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

const tokenNewLen = 2

// tokenNew is TOKEN NEW: unit || units. What was in the slot is gone.
func (c *Card) tokenNew(r request, next *state) ([]byte, error) {
	slot, tid := &next.tokens[r.p1], &next.tids[r.p2]
	if _, err := tid.next(wire.InsTokenNew); err != nil {
		return nil, err
	}
	if tid.hasTime == 0 || next.holds(r.p1) || !next.replaceable(slot) {
		return nil, wire.SWConditionsNotSatisfied
	}
	unit, units := r.data[0], r.data[1]
	if !token.KnownClass(unit) || units == 0 || units > wire.TokenUnits {
		return nil, wire.SWWrongData
	}
	pair, err := c.newPair()
	if err != nil {
		return nil, err
	}
	if next.chains == [wire.HashLen]byte{} {
		if err := c.random(next.chains[:]); err != nil {
			return nil, err
		}
	}
	var seed token.Seed
	if err := c.random(seed[:]); err != nil {
		return nil, err
	}
	c.meter.hmac(token.SeedLen)
	// The old chain's checkpoints stay until the new one's take their places: all of them don't fit
	// a transaction.
	*slot = tokenSlot{
		state: wire.TokenBuilding, tid: r.p2, unit: unit, units: units, keys: pair,
		left: units, value: token.Last(next.chains[:], seed), checkpoints: slot.checkpoints,
	}
	return nil, nil
}

// holds says whether a tap is bound to a token slot.
func (s *state) holds(slot byte) bool {
	return s.arm.state == wire.ArmBound && s.arm.target == wire.ArmToken && s.arm.slot == slot
}

// replaceable says whether a token may make room for a new one: nothing can be paid with it.
func (s *state) replaceable(t *tokenSlot) bool {
	_, err := t.next(wire.InsTokenNew)
	return err == nil || t.at() == t.units || s.expired(t)
}

// expired says whether a token's last epoch is over by the CA's word.
func (s *state) expired(t *tokenSlot) bool {
	tid := &s.tids[t.tid]
	return tid.hasTime == 1 && t.epoch < tid.time
}

// at is the unit behind which a token is closed: what was given out, of a metering commitment only
// what was shown.
func (t *tokenSlot) at() byte {
	if t.kind == wire.TokenMeter {
		return t.ticks
	}
	return t.index
}

// tokenClose is TOKEN CLOSE. While the slot is CLOSED it gives the same bytes again.
func (c *Card) tokenClose(r request, next *state) ([]byte, error) {
	slot := &next.tokens[r.p1]
	to, err := slot.next(wire.InsTokenClose)
	if err != nil {
		return nil, err
	}
	if slot.state != to {
		if next.arm.state != wire.ArmNone {
			return nil, wire.SWConditionsNotSatisfied
		}
		c.meter.hash(tokenLen)
		c.meter.load()
		m := message.TokenClose{Token: slot.token().ID(), At: slot.at()}
		slot.closing, err = c.sign(slot.keys, wire.SigTokenClose, m.Digest())
		if err != nil {
			return nil, err
		}
		slot.state = to
	}
	return append([]byte{slot.at()}, slot.closing[:]...), nil
}

// token is what the TSM signed, and its signature.
func (t *tokenSlot) token() message.Token {
	return message.Token{
		Fields: message.TokenFields{
			Version: message.TokenVersion, Issuer: t.issuer, Epoch: t.epoch, Unit: t.unit,
			Length: t.units, Key: t.keys.public, Root: t.value, Policy: t.policy,
		},
		Signature: t.signature,
	}
}

// tokenShow is TOKEN SHOW: the token and its last statement.
func (c *Card) tokenShow(r request, next *state) ([]byte, error) {
	slot := &next.tokens[r.p1]
	if _, err := slot.next(wire.InsTokenShow); err != nil {
		return nil, err
	}
	out := message.Encode(wire.SigToken, slot.token())[prefixLen:]
	said := &slot.said
	out = append(out, byte(slot.kind), said.from, said.to, slot.ticks)
	out = append(out, said.amount[:]...)
	out = append(out, said.merchant[:]...)
	out = append(out, said.certificate[:]...)
	word(func(time []byte) { out = append(out, time...) }, &said.time)
	out = append(out, said.un[:]...)
	out = append(out, said.relay[:]...)
	out = append(out, slot.sigma[:]...)
	return append(out, slot.receipt[:]...), nil
}

// dropTokens empties the token slots of a TSM account that aren't CLOSED. Of what is in them only
// the state changes.
func (s *state) dropTokens(tid byte) {
	for i := range s.tokens {
		if t := &s.tokens[i]; t.tid == tid && t.state != wire.TokenClosed {
			t.state = wire.TokenEmpty
		}
	}
}
