package general

import (
	"context"
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/emv/pinblock"
	"tapbench/terminal/kernel/general/outcome"
)

// Host has transactions authorised by the card's issuer.
type Host interface {
	// Authorise asks. An error means that there is no answer; unless it wraps [ErrNotSent] the issuer
	// may have booked. A decline is an answer.
	Authorise(ctx context.Context, q Request) (outcome.Answer, error)
}

// ErrNotSent is wrapped by an error of a [Host] that didn't ask at all: then nothing can have been
// booked, and nothing need be reversed.
var ErrNotSent = errors.New("issuer wasn't asked")

func isNotSent(err error) bool { return errors.Is(err, ErrNotSent) }

// Request is what an issuer needs: the card's data objects and the terminal's.
type Request struct {
	Amount   uint64  // minor units
	Currency [2]byte // n3
	// ICC are the objects of an authorisation request, as field 55 of ISO 8583 carries them: BER-TLV,
	// at most 255 bytes (EMV 4.3 Book 4, 12.1).
	ICC []byte
	PAN emv.AnyPAN
	// Sequence is 5F34, 0 where the card has none.
	Sequence byte
	// PINBlock is what the PIN pad enciphered, if the cardholder gave a PIN for the issuer.
	PINBlock pinblock.Block
}
