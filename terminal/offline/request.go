package offline

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// Request is what the terminal asks a card for: the part of its GPO that changes with each tap.
type Request struct {
	Amount   uint64                 // minor units, 1 to 12 digits
	Currency [wire.CurrencyLen]byte // n3, ISO 4217
	Time     uint32                 // the terminal's, seconds since 1970 UTC
	UN       [wire.UNLen]byte       // fresh for each tap
	// Unit is 0 for a payment. For a metering commitment of Amount it is one tick's price in minor
	// units: 1, 5 or 50.
	Unit uint8
}

// Answer is what the card said: READ RECORD's token and interval, GENERATE AC's value and sigma.
type Answer struct {
	Token    message.Token
	From, To uint8 // units From+1 to To; of a metering commitment To is j_max
	// Relay is what the statement says of the exchange against relays. Whether it is what the terminal
	// has measured is for the caller to say: package kernel does.
	Relay message.Relay
	// Value is w_To. A metering commitment shows none.
	Value     message.Hash
	Signature message.Signature // sigma: SK_t, spend or meter
}

// interval returns which units the card gives.
func (a Answer) interval() token.Interval { return token.Interval{From: a.From, To: a.To} }

// Check returns [ErrRequest] for what no card is to be asked: no token pays it.
func (q Request) Check() error {
	switch {
	case q.Amount == 0 || q.Amount > emv.MaxN12:
		return fmt.Errorf("%w: amount %d", ErrRequest, q.Amount)
	case q.Unit != 0 && !token.KnownClass(q.Unit):
		return fmt.Errorf("%w: ticks of %d", ErrRequest, q.Unit)
	case q.Unit != 0 && q.Amount%uint64(q.Unit) != 0:
		return fmt.Errorf("%w: %d in ticks of %d", ErrRequest, q.Amount, q.Unit)
	default:
		return nil
	}
}
