package examiner

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Claimed is an entry of a terminal's journal of offline claims, in the journal's words.
type Claimed struct {
	Terminal string // which one, for findings
	Key      message.Hash
	State    string // pending, sent, paid or refused
	// Payload is the claim as the terminal keeps it, an encoded [message.SpendClaim] or
	// [message.MeterClaim]; nil: it is paid, and the journal has forgotten it.
	Payload []byte
}

// Held is what a secure element's state says of an offline token.
type Held struct {
	Element string       // which one, for findings
	ID      message.Hash // tokID
	Given   uint8        // the units 1 to Given were given out
	Closed  bool         // no more are
}

// interval is the units from+1 to `to` of a token.
type interval struct{ from, to uint8 }

// claim is an entry of a journal, read.
type claim struct {
	terminal string
	state    string
	token    message.Hash
	account  message.Hash // over the statement's signed fields
	units    interval
}

// The states of a claim in a journal.
const (
	claimPaid    = "paid"
	claimRefused = "refused"
)

// read reads a claim. What the journal has forgotten gives false.
func (c Claimed) read() (claim, bool, error) {
	out := claim{terminal: c.Terminal, state: c.State}
	if c.Payload == nil {
		return out, false, nil
	}
	if spend, err := message.Decode[message.SpendClaim](wire.MsgSpendClaim, c.Payload); err == nil {
		out.token, out.account = spend.Spend.Token, spend.Spend.Digest()
		out.units = interval{spend.Spend.From, spend.Spend.To}
		return out, true, nil
	}
	meter, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, c.Payload)
	if err != nil {
		return out, false, fmt.Errorf("%w: a claim of %s: %w", ErrForeign, c.Terminal, err)
	}
	out.token, out.account = meter.Meter.Token, meter.Meter.Digest()
	out.units = interval{meter.Meter.From, meter.To}
	return out, true, nil
}
