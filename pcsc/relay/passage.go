package relay

import (
	"context"
	"errors"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// passage is the pcsc.Processor on the virtual reader: everything goes on to a card.
type passage struct {
	ctx  context.Context //nolint:containedctx // a Processor's methods take none
	card pcsc.Card
	laid func()

	used  bool  // since the last reset
	off   bool  // its power was taken
	fault error // why the card can't be used any more, or nil
}

var _ pcsc.Processor = (*passage)(nil)

// ATR returns what the card answered when it was connected or reset.
func (p *passage) ATR() []byte { return p.card.ATR() }

// PowerOn resets a card that was used before its power was taken.
func (p *passage) PowerOn() {
	if p.off && p.used {
		p.Reset()
	}
	p.off = false
	p.laid()
}

// PowerOff lets the next power-on find a card that remembers nothing. The card itself keeps its
// power until then: PC/SC has no connection to a card without.
func (p *passage) PowerOff() { p.off = true }

// Reset passes a reset on.
func (p *passage) Reset() {
	if p.fault != nil {
		return
	}
	p.fault = p.card.Reset(p.ctx)
	p.used = false
}

// Process passes a command on. A card that gives no answer has left, as far as the program can see.
func (p *passage) Process(command []byte) []byte {
	if p.fault != nil {
		return nil
	}
	answer, err := p.card.Transmit(p.ctx, command)
	if errors.Is(err, pcsc.ErrBadCommand) {
		return apdu.Response{SW: apdu.SWWrongLength}.Encode()
	}
	p.used = true
	if err != nil {
		p.fault = err
		return nil
	}
	return answer
}
