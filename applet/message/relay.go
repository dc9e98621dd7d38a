package message

import (
	"encoding/binary"

	"tapbench/applet/wire"
)

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

// NewRelay is the inverse of [Relay.Bytes].
func NewRelay(b [wire.RelayLen]byte) Relay {
	const times = 2 * wire.EntropyLen
	return Relay{
		Terminal: [wire.EntropyLen]byte(b[:]), Card: [wire.EntropyLen]byte(b[wire.EntropyLen:]),
		Times: RelayTimes{
			Min: binary.BigEndian.Uint16(b[times:]), Max: binary.BigEndian.Uint16(b[times+2:]),
			Transmission: binary.BigEndian.Uint16(b[times+4:]),
		},
	}
}

// Bytes returns terminal entropy || card entropy || min || max || transmission time.
func (r Relay) Bytes() (b [wire.RelayLen]byte) {
	out := append(append(b[:0], r.Terminal[:]...), r.Card[:]...)
	out = binary.BigEndian.AppendUint16(out, r.Times.Min)
	out = binary.BigEndian.AppendUint16(out, r.Times.Max)
	binary.BigEndian.AppendUint16(out, r.Times.Transmission)
	return b
}

// IsZero says that there was no exchange.
func (r Relay) IsZero() bool { return r == Relay{} }
