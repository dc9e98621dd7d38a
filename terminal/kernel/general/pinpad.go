package general

import (
	"context"
	"errors"

	"tapbench/applet/emv/pinblock"
)

// What a PIN pad can answer in place of a PIN.
var (
	// ErrNotEntered means that no PIN was entered: the cardholder or the attendant went on without.
	ErrNotEntered = errors.New("no PIN was entered")
	// ErrNoPad means that the pad doesn't work.
	ErrNoPad = errors.New("PIN pad doesn't work")
)

// PINPad is where a cardholder enters a PIN. Errors wrap [ErrNotEntered] or [ErrNoPad]; any other
// one counts as the latter.
type PINPad interface {
	// Offline asks for a PIN that the card checks: 4 to 12 digits. left is how many tries the card
	// has left, -1 if it doesn't say; again says that the one before was wrong.
	Offline(ctx context.Context, left int, again bool) (digits string, err error)
	// Online asks for a PIN that the issuer checks, and returns its block for the account number,
	// enciphered under a key that the pad shares with the issuer or the acquirer: 8 or 16 bytes.
	Online(ctx context.Context, pan string) (block pinblock.Block, err error)
}
