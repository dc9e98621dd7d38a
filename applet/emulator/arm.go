package emulator

import "tapbench/applet/wire"

const armDataLen = wire.AmountLen + wire.CurrencyLen

// armTap is ARM: cap || currency. A new arming replaces the old one.
func (c *Card) armTap(r request, next *state) ([]byte, error) {
	fresh := arming{
		state: wire.ArmReady, limit: [wire.AmountLen]byte(r.data),
		currency: [wire.CurrencyLen]byte(r.data[wire.AmountLen:]),
	}
	if !next.hasCard(fresh.currency) {
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
