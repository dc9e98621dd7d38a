package explain

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// relayResistance is how far away the card was found to be. It is a phase of its own where the card
// or the terminal has it, and none otherwise.
func relayResistance(o *outcome.Outcome) (Phase, bool) {
	p := Phase{Name: "relay", Title: "Relay resistance", Clause: clause.Contactless}
	switch {
	case o.Relay != nil:
		late := o.TVR.Has(rules.RelayTooLate)
		p.State = Done
		p.add(Fact{
			Name: "answered after", Value: relay.Milliseconds(o.Relay.Took),
			Text: fmt.Sprintf("right is %s to %s", relay.Milliseconds(o.Relay.Least),
				relay.Milliseconds(o.Relay.AtMost)),
			Against: late || o.Relay.Soon(),
		})
		if o.Relay.Inexact {
			p.add(Fact{Name: "exactness", Text: "the threshold was exceeded, which refuses nothing"})
		}
	case o.Trail.Measuring: // and nothing was measured
	case o.TVR.Has(rules.RelayNotPerformed):
		p.State = Skipped
		f := Fact{Name: "AIP", Text: "the card doesn't take part"}
		if o.AIP[1]&emv.AIPRelay != 0 {
			f.Text = "the card takes part, but not with a cryptogram among its processing options"
		}
		p.add(f)
	case o.AIP[1]&emv.AIPRelay != 0:
		p.State = Skipped
		p.add(Fact{Name: "terminal", Text: "the terminal doesn't measure, or the card is on contacts"})
	default:
		return p, false
	}
	if o.Trail.Measuring {
		p.State = NotReached
	}
	return p, true
}
