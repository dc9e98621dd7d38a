package emulator

import (
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// tokenChain is TOKEN CHAIN: a slice of the chain, small enough for one transaction and for a
// reader's patience.
func (c *Card) tokenChain(r request, next *state) ([]byte, error) {
	slot := &next.tokens[r.p1]
	to, err := slot.next(wire.InsTokenChain)
	if err != nil {
		return nil, err
	}
	before := slot.left
	slot.left, slot.value = slot.checkpoints.Extend(
		slot.keys.public, slot.units, slot.left, slot.value, wire.ChainSlice)
	for range before - slot.left {
		c.meter.hash(token.StepLen)
	}
	if slot.left == 0 {
		slot.state = to
	}
	return []byte{slot.left}, nil
}
