package jcardsim

import "encoding/binary"

// Tear cuts the power before the card's n-th store from now, and TearAfter after the n-th end of a
// transaction, before the answer: the command gets no answer, the session is lost. 0 means never,
// and so does a reset. The machine must run the tearing agent ([Torn]); without it, it ends. All
// cards of a machine share the power: use one at a time meanwhile.
//
// An applet makes several stores for each command, the last of which is the transaction's end.
func (c *Card) Tear(n uint32) error { return c.cut(n, 0) }

// TearAfter is described at [Card.Tear].
func (c *Card) TearAfter(n uint32) error { return c.cut(n, 1) }

func (c *Card) cut(n uint32, after byte) error {
	return c.ask(opCut, append(binary.BigEndian.AppendUint32(nil, n), after), nil)
}
