package shop

import (
	"tapbench/backend/money"
	"tapbench/terminal"
)

// Kind is what an event is about.
type Kind string

// The kinds of events.
const (
	Ready     Kind = "ready"     // for the next order
	Tap       Kind = "tap"       // lay the card on the reader
	Hold      Kind = "hold"      // the card is there: hold it still
	Remove    Kind = "remove"    // card and terminal are done with each other
	Result    Kind = "receipt"   // an order has ended, with a receipt
	Closed    Kind = "day"       // the day is closed
	Recovered Kind = "recovered" // what an earlier run left was finished
	Failed    Kind = "error"     // an order has ended without a receipt
	Online    Kind = "online"    // the TSM is there, again
	Offline   Kind = "offline"   // the TSM isn't there
)

// Event is something that the merchant or the customer should know.
type Event struct {
	Kind     Kind              `json:"event"`
	Amount   money.Amount      `json:"amount,omitzero"`
	Receipt  *terminal.Receipt `json:"receipt,omitempty"`
	Voided   bool              `json:"voided,omitempty"` // the receipt is of a payment taken back
	Day      *terminal.Day     `json:"day,omitempty"`
	Reversed int               `json:"reversed,omitempty"` // of Recovered: payments taken back
	Error    string            `json:"error,omitempty"`
	Err      error             `json:"-"` // of Failed and Offline
}

func failed(kind Kind, err error) Event { return Event{Kind: kind, Err: err, Error: err.Error()} }
