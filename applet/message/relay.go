package message

import "tapbench/applet/wire"

// Relay is what was exchanged against relays, as the card that signs it saw it: EXCHANGE RELAY
// RESISTANCE DATA of EMV Contactless Book C-2. The zero value says that nothing was.
type Relay struct {
	Terminal [wire.EntropyLen]byte // the terminal's entropy
	Card     [wire.EntropyLen]byte // and the card's, the device's in Book C-2
	Times    RelayTimes
}

// RelayTimes is what a card says of its own speed, in units of 100 us.
type RelayTimes struct {
	Min, Max uint16 // between which it answers
	// Transmission is how long its answer is expected to be on its way.
	Transmission uint16
}

// CardRelayTimes are those of tapbench's cards: the same for all, so that they tell none apart.
func CardRelayTimes() RelayTimes {
	return RelayTimes{
		Min: wire.RelayMin, Max: wire.RelayMax, Transmission: wire.RelayTransmission,
	}
}

// IsZero says that there was no exchange.
func (r Relay) IsZero() bool { return r == Relay{} }
