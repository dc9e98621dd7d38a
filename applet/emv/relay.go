package emv

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// RelayAnswer is the answer to EXCHANGE RELAY RESISTANCE DATA (EMV Contactless Book C-2).
type RelayAnswer struct {
	Entropy [wire.EntropyLen]byte // the card's
	Times   message.RelayTimes
}

// relayAnswerLen is the length of what the answer's template holds.
const relayAnswerLen = wire.RelayLen - wire.EntropyLen

// Encode returns 80 0A || entropy [4] || min [2] || max [2] || transmission time [2].
func (a RelayAnswer) Encode() []byte {
	return append([]byte{byte(TagFormat1), relayAnswerLen}, encode(a)...)
}

// ParseRelayAnswer reads the answer. The errors wrap [ErrData] or tlv.ErrMalformed: also a minimum
// above the maximum.
func ParseRelayAnswer(b []byte) (RelayAnswer, error) {
	body, err := within(b, TagFormat1)
	if err != nil {
		return RelayAnswer{}, err
	}
	a, err := parse[RelayAnswer](body, "relay resistance data")
	if err != nil {
		return RelayAnswer{}, err
	}
	if a.Times.Min > a.Times.Max {
		return RelayAnswer{}, fmt.Errorf("%w: relay resistance data: at least %d and at most %d", ErrData,
			a.Times.Min, a.Times.Max)
	}
	return a, nil
}

// EncodeRelay returns what was exchanged as DF2D holds it, 14 bytes.
func EncodeRelay(r message.Relay) []byte {
	b := r.Bytes()
	return b[:]
}
