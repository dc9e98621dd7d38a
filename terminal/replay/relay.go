package replay

import (
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/trace"
	"tapbench/terminal/kernel/relay"
)

// recordedRelay is what a tap has of the exchange against relays. A replay takes no time, so the
// clock says what the recorded terminal made of each exchange: it asked again if one was late.
type recordedRelay struct {
	entropies []byte // the terminal's, in their order; zeros for one that wasn't kept
	count     int
	last      message.Relay
	went      bool // the tap went on after the last
}

// late is longer than any card may take; inexact is within the limits and beyond their accuracy.
const (
	late    = time.Hour
	inexact = 40 * time.Millisecond
)

// read takes an exchange of a tap.
func (r *recordedRelay) read(s trace.Step, command, answer []byte) {
	const data = 5 // where it begins
	if len(command) < data+wire.EntropyLen || command[0] != byte(wire.CLAProprietary) ||
		command[1] != byte(wire.InsExchangeRelay) {
		r.went = r.count > 0
		return
	}
	r.count++
	r.went, r.last = false, message.Relay{Terminal: [wire.EntropyLen]byte(command[data:])}
	if !kept(s.Command, data, data+wire.EntropyLen) {
		r.last.Terminal = [wire.EntropyLen]byte{}
	}
	r.entropies = append(r.entropies, r.last.Terminal[:]...)
	if len(answer) < 2 {
		return
	}
	if a, err := emv.ParseRelayAnswer(answer[:len(answer)-2]); err == nil {
		r.last.Card, r.last.Times = a.Entropy, a.Times
	}
}

// policy is the recorded terminal's.
func (r *recordedRelay) policy() relay.Policy {
	if r.count == 0 {
		return relay.Policy{Mode: relay.Off}
	}
	return relay.Policy{}
}

// clock stands still, but for what an exchange took.
type clock struct {
	now     time.Time
	late    int  // how many exchanges are
	inexact bool // the one behind them is
}

func (r *recorded) clock(now time.Time) *clock {
	return r.relay.clock(now, r.values[emv.TagTVR])
}

// clock takes the tap's terminal verification results too, in which an inexact time stands (EMV
// Contactless Book C-2: byte 5 bit 4).
func (r *recordedRelay) clock(now time.Time, tvr []byte) *clock {
	c := &clock{now: now, late: r.count, inexact: len(tvr) == 5 && tvr[4]&0x08 != 0}
	if r.went {
		c.late--
	}
	return c
}

func (c *clock) read() time.Time { return c.now }

// sent is told each command.
func (c *clock) sent(command []byte) {
	if len(command) < 2 || command[0] != byte(wire.CLAProprietary) ||
		command[1] != byte(wire.InsExchangeRelay) {
		return
	}
	switch {
	case c.late > 0:
		c.late--
		c.now = c.now.Add(late)
	case c.inexact:
		c.now = c.now.Add(inexact)
	}
}
