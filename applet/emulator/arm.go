package emulator

import "tapbench/applet/wire"

const armDataLen = wire.AmountLen + wire.CurrencyLen

// armTap is ARM: cap || currency, and conditions. A new arming replaces the old one.
func (c *Card) armTap(r request, next *state) ([]byte, error) {
	fresh := arming{
		state: wire.ArmReady, limit: [wire.AmountLen]byte(r.data),
		currency: [wire.CurrencyLen]byte(r.data[wire.AmountLen:]), flags: wire.ArmFlags(r.p1),
	}
	if !next.hasCard(fresh.currency) && !next.hasToken(fresh.currency, fresh.flags) {
		return nil, wire.SWConditionsNotSatisfied
	}
	if !isBCD(fresh.limit[:]) || fresh.limit == [wire.AmountLen]byte{} {
		return nil, wire.SWWrongData
	}
	next.arm = fresh
	return nil, nil
}

// hasCard says whether a card of a currency is ready.
func (s *state) hasCard(currency [wire.CurrencyLen]byte) bool {
	for i := range s.cards {
		if s.cards[i].state == wire.CardReady && s.cards[i].class.Currency == currency {
			return true
		}
	}
	return false
}

// hasToken says whether a token of a currency may pay: one that was never shown, or if the wallet
// lets it, one with units left.
func (s *state) hasToken(currency [wire.CurrencyLen]byte, flags wire.ArmFlags) bool {
	for i := range s.tokens {
		if t := &s.tokens[i]; t.policy.Currency == currency && t.pays(flags) && !s.expired(t) {
			return true
		}
	}
	return false
}

// pays says whether a token may pay under an arming's conditions.
func (t *tokenSlot) pays(flags wire.ArmFlags) bool {
	switch t.state {
	case wire.TokenReady:
		return true
	case wire.TokenUsed:
		return flags&wire.ArmReuse != 0 && t.kind == wire.TokenSpend && t.index < t.units
	default:
		return false
	}
}

// disarm is DISARM.
func (c *Card) disarm(_ request, next *state) ([]byte, error) {
	next.arm = arming{}
	return nil, nil
}

// isBCD says whether both halves of each byte are decimal digits.
func isBCD(raw []byte) bool {
	for _, b := range raw {
		if b>>4 > 9 || b&0x0F > 9 {
			return false
		}
	}
	return true
}
