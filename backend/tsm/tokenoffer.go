package tsm

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// TokenOffer is a class of offline tokens: Length units of Unit minor units.
type TokenOffer struct {
	Unit   uint8 // 1, 5 or 50
	Length uint8 // 1 to [wire.TokenUnits]
}

// DefaultTokens returns the classes that are offered when nothing else is said: one token of each
// comes to 65.00.
func DefaultTokens() []TokenOffer {
	return []TokenOffer{{Unit: 1, Length: 250}, {Unit: 5, Length: 250}, {Unit: 50, Length: 100}}
}

// DefaultTokenPolicy returns what is allowed with tokens when nothing else is said: 50.00 in one
// payment and 200.00 between two withdrawals; a token's whole worth in up to 250 payments; one
// epoch of grace. The currency is the TSM's, and what one token allows is its worth.
func DefaultTokenPolicy() message.TokenPolicy {
	return message.TokenPolicy{PerTap: 5000, Offline: 20000, Taps: 250, Grace: 1}
}

// checkOffers refuses classes that elements don't know, and two of one unit.
func checkOffers(offers []TokenOffer) error {
	seen := map[uint8]bool{}
	for _, o := range offers {
		if !token.KnownClass(o.Unit) || seen[o.Unit] || o.Length == 0 || o.Length > wire.TokenUnits {
			return fmt.Errorf("offer of tokens: %d x %d, want 1 to %d units of 1, 5 or 50, one class of "+
				"each", o.Length, o.Unit, wire.TokenUnits)
		}
		seen[o.Unit] = true
	}
	return nil
}

// policy returns what is allowed with the tokens of a class.
func (t *TSM) policy(o TokenOffer) message.TokenPolicy {
	p := t.TokenPolicy
	p.Currency = t.currency().N3()
	p.PerToken = uint16(o.Unit) * uint16(o.Length) // at most 50 x 250
	return p
}

// offers returns what is published of tokens.
func (t *TSM) offers() ([]api.TokenOffer, *api.TokenRules) {
	all := make([]api.TokenOffer, len(t.Tokens))
	for i, o := range t.Tokens {
		all[i] = api.TokenOffer{Unit: o.Unit, Length: o.Length}
	}
	p := t.TokenPolicy
	return all, &api.TokenRules{
		PerTap: p.PerTap, Offline: p.Offline, Taps: p.Taps, Grace: p.Grace,
	}
}
