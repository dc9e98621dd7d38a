package kernel

import (
	"context"
	"errors"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/money"
)

// ErrNotSent means that the issuer never got the request, so nothing was booked. A [Host] returns
// an error that wraps it in that case alone.
var ErrNotSent = errors.New("the issuer was never asked, nothing was booked")

// Host has payments authorised by the issuer. Implementations must not keep the request. A decline
// is an answer. Any error that doesn't wrap [ErrNotSent] means that the payment may have been
// booked.
type Host interface {
	Authorise(ctx context.Context, q Request) (Answer, error)
}

// Request is what the issuer needs: the payment as card and terminal have agreed on it.
type Request struct {
	Amount   money.Amount
	PAN      emv.PAN
	AID      []byte
	Sequence byte          // PAN sequence number, 0 to 99
	Terminal emv.CDOL1Data // as the card got it
	AIP      [2]byte
	ATC      uint16
	CID      byte
	ARQC     [wire.CryptogramLen]byte
	IAD      []byte
	Relay    message.Relay     // what was last exchanged against relays, or zero
	Tap      message.Signature // the card key's, already verified
}

// Answer is what the issuer said.
type Answer struct {
	Approved bool
	// Uncertain says of a decline that something may have been booked nevertheless.
	Uncertain bool
	ARC       [2]byte // authorisation response code, 8A
	// IssuerAuth is ARPC || CSU for the card, or nil.
	IssuerAuth *[emv.IssuerAuthLen]byte
}
