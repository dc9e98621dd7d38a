package general

import "time"

// Purchase is one payment to be made. Amounts are minor units.
type Purchase struct {
	Amount   uint64 // without cashback, at most 999,999,999,999 together with it
	Cashback uint64 // 9F03
	Type     Type   // 9C
	// Online forces the transaction online, as a merchant may (EMV 4.3 Book 3, 10.6).
	Online bool
	// Number is the terminal's transaction sequence counter, 9F41.
	Number uint32
	// Observe, if set, is told each phase when it has ended.
	Observe func(Step)
}

// Type is a transaction type, 9C: the first two digits of ISO 8583:1987's processing code.
type Type byte

// The transaction types that are known here.
const (
	Goods        Type = 0x00
	Cash         Type = 0x01
	WithCashback Type = 0x09
	Refund       Type = 0x20
)

// Step is one phase of a payment, as an observer is told it.
type Step struct {
	Name     string
	APDUs    int // exchanges with the card, 61xx and 6Cxx included
	Sent     int // bytes to the card
	Received int // bytes from the card
	Duration time.Duration
	Err      error // nil: the phase did what it should
}
