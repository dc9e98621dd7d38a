package emulator

import (
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// relay is what a tap has of the exchange against relays. The card's entropies are drawn before, so
// that the measured time holds nothing but the exchange.
type relay struct {
	entropy [wire.RelayTries][wire.EntropyLen]byte // one for each try
	tries   int
	last    message.Relay
}

// drawRelay begins the exchanges of a tap.
func (c *Card) drawRelay() error {
	c.session.relay = relay{}
	entropy := make([]byte, wire.RelayTries*wire.EntropyLen)
	if err := c.random(entropy); err != nil {
		return err
	}
	for i, one := range slices.Collect(slices.Chunk(entropy, wire.EntropyLen)) {
		c.session.relay.entropy[i] = [wire.EntropyLen]byte(one)
	}
	return nil
}

// exchangeRelay is EXCHANGE RELAY RESISTANCE DATA of both payment applications. Nothing has been
// shown yet, and nothing of the answer tells a card. Each try has an entropy of its own: who asked
// before the terminal did can't answer it at once.
func (c *Card) exchangeRelay(r request, _ *state) ([]byte, error) {
	stage, relay := c.session.tap.stage, &c.session.relay
	if c.session.selected == offline {
		stage = c.session.offline.stage
	}
	if stage != stageOffered || relay.tries >= wire.RelayTries {
		return nil, wire.SWConditionsNotSatisfied
	}
	relay.last = message.Relay{
		Terminal: [wire.EntropyLen]byte(r.data), Card: relay.entropy[relay.tries],
		Times: message.CardRelayTimes(),
	}
	relay.tries++
	return emv.RelayAnswer{Entropy: relay.last.Card, Times: relay.last.Times}.Encode(), nil
}
