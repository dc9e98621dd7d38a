package pcsc

import "context"

// Protocol is the transmission protocol that reader and card agreed on.
type Protocol byte

// The protocols of ISO/IEC 7816-3:2006 (clauses 10 and 11).
const (
	ProtocolUnknown Protocol = iota
	ProtocolT0
	ProtocolT1
)

// String returns "T=0", "T=1" or "unknown".
func (p Protocol) String() string {
	switch p {
	case ProtocolT0:
		return "T=0"
	case ProtocolT1:
		return "T=1"
	default:
		return "unknown"
	}
}

// MaxResponse is the longest R-APDU that a Card may return, in bytes: 65,536 of data and SW1-SW2.
const MaxResponse = 65536 + 2

// Card is a connection to one card. It belongs to one goroutine at a time; only Close may be
// called from another goroutine while a Transmit is running.
//
// Implementations promise:
//   - every error is an *[Error] wrapping a sentinel of this package or the context's error;
//   - Transmit never returns fewer than 2 or more than [MaxResponse] bytes without an error
//     ([ErrBadAnswer]);
//   - a command shorter than 4 bytes or longer than an extended APDU is refused with
//     [ErrBadCommand] and never reaches the card;
//   - ctx is checked before each exchange; a cancellation during one leaves the connection
//     unusable, and every later call answers [ErrClosed];
//   - after Close every call but Close returns [ErrClosed]; Close is idempotent.
type Card interface {
	// ATR returns the card's answer to reset, 2 to 33 bytes (ISO/IEC 7816-3:2006, clause 8). The
	// caller may keep and change the slice.
	ATR() []byte
	// Protocol returns the protocol that is in force.
	Protocol() Protocol
	// Transmit sends one C-APDU and returns the R-APDU with SW1-SW2. The card keeps neither slice.
	Transmit(ctx context.Context, command []byte) ([]byte, error)
	// Reset resets the card: volatile state is lost, persistent state stays.
	Reset(ctx context.Context) error
	// Close ends the connection.
	Close() error
}
