package relay

import (
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// Meter measures a card.
type Meter struct {
	Limits Limits
	Now    func() time.Time
	Rand   io.Reader // for the terminal's entropy
	// Send sends a command and returns the answer's data.
	Send func(apdu.Command) ([]byte, error)
}

// AnswerError is an answer to EXCHANGE RELAY RESISTANCE DATA that is malformed.
type AnswerError struct{ Err error }

// Error returns what a parser reports.
func (e *AnswerError) Error() string { return e.Err.Error() }

// Unwrap returns it.
func (e *AnswerError) Unwrap() error { return e.Err }

// Exchange is EXCHANGE RELAY RESISTANCE DATA with fresh entropy (EMV Contactless Book C-2 2.6). It
// returns what both have said, which the card has to sign, and the verdict on the time that the
// exchange took. Errors are those of Rand and Send, and *[AnswerError].
func (m Meter) Exchange() (message.Relay, Verdict, error) {
	var said message.Relay
	if _, err := io.ReadFull(m.Rand, said.Terminal[:]); err != nil {
		return message.Relay{}, Verdict{}, fmt.Errorf("drawing entropy: %w", err)
	}
	c := apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(wire.InsExchangeRelay), Data: said.Terminal[:],
		Ne: apdu.MaxShortNe,
	}
	begun := m.Now()
	raw, err := m.Send(c)
	took := m.Now().Sub(begun)
	if err != nil {
		return message.Relay{}, Verdict{}, err
	}
	answer, err := emv.ParseRelayAnswer(raw)
	if err != nil {
		return message.Relay{}, Verdict{}, &AnswerError{err}
	}
	said.Card, said.Times = answer.Entropy, answer.Times
	return said, m.Limits.Judge(took, said.Times), nil
}
