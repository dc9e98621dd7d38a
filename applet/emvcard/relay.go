package emvcard

import (
	"tapbench/applet/emv"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// relay is what a transaction has of the exchange against relays. The card's entropies are drawn
// before, so that the measured time holds nothing but the exchange.
type relay struct {
	entropy [wire.RelayTries][wire.EntropyLen]byte // one for each try
	tries   int
	last    message.Relay
}

func hasRelay(a *image.Application) bool { return a.Relay != nil }

// drawRelay begins the exchanges of a transaction.
func (c *Card) drawRelay() error {
	if !hasRelay(c.application()) {
		return nil
	}
	relay := &c.session.tx.relay
	for i := range relay.entropy {
		if err := c.random(relay.entropy[i][:]); err != nil {
			return err
		}
	}
	return nil
}

// relayAllowed wants a transaction before its first cryptogram, and a try that is left.
func relayAllowed(c *Card, _ request) error {
	if tx := &c.session.tx; tx.stage != stageInitiated || tx.relay.tries >= wire.RelayTries {
		return apdu.SWConditionsNotSatisfied
	}
	return nil
}

// exchangeRelay is EXCHANGE RELAY RESISTANCE DATA (EMV Contactless Book C-2). Each try has an
// entropy of its own: who asked before the terminal did can't answer it at once.
func (c *Card) exchangeRelay(r request, _ *state) ([]byte, error) {
	relay, times := &c.session.tx.relay, c.application().Relay
	relay.last = message.Relay{
		Terminal: [wire.EntropyLen]byte(r.data), Card: relay.entropy[relay.tries],
		Times: message.RelayTimes(*times),
	}
	relay.tries++
	return emv.RelayAnswer{Entropy: relay.last.Card, Times: relay.last.Times}.Encode(), nil
}

// signedRelay is what a signature says of the last exchange, nil for none.
func (c *Card) signedRelay() []byte {
	if c.session.tx.relay.tries == 0 {
		return nil
	}
	return emv.EncodeRelay(c.session.tx.relay.last)
}
