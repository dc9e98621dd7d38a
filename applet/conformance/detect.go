package conformance

import (
	"context"

	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Detect asks a card what its platform answers by itself, and resets it. It changes nothing on the
// card. The element must be there.
func Detect(ctx context.Context, card pcsc.Card) (Platform, error) {
	d := &detector{ctx: ctx, card: card}
	lifeCycle := apdu.Command{
		INS: byte(wire.InsGetData), P1: byte(wire.DataLifeCycle >> 8),
		P2: byte(wire.DataLifeCycle & 0xFF), Ne: apdu.MaxShortNe,
	}
	onChannel, manage := lifeCycle, apdu.Command{INS: 0x70, Ne: 1}
	onChannel.CLA = 0x01
	d.reset()
	var p Platform
	p.Unselected = otherThan(wire.SWInstructionNotSupported, d.ask(lifeCycle))
	d.reset()
	p.Unknown = otherThan(wire.SWFileNotFound, d.ask(selectCommand("\xA0\x00\x00\x00\x03")))
	d.reset()
	_ = d.ask(selectCommand(wire.AIDManagement)) // what a card without ours answers shows
	noAnswer := selectCommand(wire.AIDManagement)
	noAnswer.P2 = 0x0C
	p.Selects = d.ask(selectCommand(wire.AIDPackage)) != wire.SWFileNotFound ||
		d.ask(selectCommand("\xA0\x00\x00\x00\x03")) != wire.SWFileNotFound ||
		d.ask(noAnswer) != wire.SWIncorrectP1P2 || d.ask(lifeCycle) != wire.SWNormal
	d.reset()
	_ = d.ask(selectCommand(wire.AIDManagement)) // what a card without ours answers shows
	if d.ask(onChannel) != wire.SWClassNotSupported ||
		d.ask(manage) != wire.SWInstructionNotSupported {
		p.Channel = Refusal
	}
	d.reset()
	return p, d.err
}

// otherThan returns what a platform answers where the element has another answer, or 0.
func otherThan(element, got apdu.SW) apdu.SW {
	if got == element {
		return 0
	}
	return got
}

// detector asks a card, up to the first error.
type detector struct {
	ctx  context.Context //nolint:containedctx // of the one call
	card pcsc.Card
	err  error
}

func (d *detector) reset() {
	if d.err == nil {
		d.err = d.card.Reset(d.ctx)
	}
}

// ask returns the status word.
func (d *detector) ask(c apdu.Command) apdu.SW {
	if d.err != nil {
		return 0
	}
	raw, err := c.Encode()
	if err != nil {
		d.err = err
		return 0
	}
	answer, err := d.card.Transmit(d.ctx, raw)
	if err != nil {
		d.err = err
		return 0
	}
	r, err := apdu.ParseResponse(answer)
	if err != nil {
		d.err = err
	}
	return r.SW
}
