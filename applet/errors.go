package applet

import (
	"errors"
	"fmt"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// What a card refuses. Each wraps the *apdu.StatusError that says with which status word.
var (
	// ErrNotOurCard means that the card has no tapbench application. Nothing was changed. Lay one
	// on the reader that has, or use --se emulator.
	ErrNotOurCard = errors.New("the card has no tapbench application")
	// ErrNotAuthenticated means that the element didn't accept the pairing key, or wasn't asked: it
	// was personalised for another wallet folder. Or it is locked ([Launch.Locked]).
	ErrNotAuthenticated = errors.New("the secure element doesn't know this wallet")
	// ErrState means that the element isn't in the state that the command needs; nothing changed.
	ErrState = errors.New("the secure element's state doesn't allow this")
	// ErrAlgorithm means that the card's platform lacks an algorithm: [LackingError] says which.
	ErrAlgorithm = errors.New("the card's platform lacks an algorithm")
	// ErrRefused means that the element found a signature, a MAC, a certificate, a field or a length
	// wrong; nothing changed.
	ErrRefused = errors.New("the secure element refused the data")
	// ErrAnswer means that the element's answer hasn't the layout of PROTOCOL.md.
	ErrAnswer = errors.New("unexpected answer of the secure element")
)

// meaning is the only place where a status word of the management application gets its meaning.
func meaning(command string, err error) error {
	var status *apdu.StatusError
	if err == nil {
		return nil
	}
	if !errors.As(err, &status) {
		return fmt.Errorf("%s: %w", command, err)
	}
	var cause error
	switch status.SW {
	case wire.SWSecurityStatusNotSatisfied:
		cause = ErrNotAuthenticated
	case wire.SWConditionsNotSatisfied:
		cause = ErrState
	case wire.SWFunctionNotSupported:
		cause = ErrAlgorithm
	case wire.SWWrongData, wire.SWWrongLength:
		cause = ErrRefused
	case wire.SWFileNotFound, wire.SWInstructionNotSupported, wire.SWClassNotSupported:
		cause = ErrNotOurCard
	default:
		cause = ErrAnswer
	}
	return fmt.Errorf("%s: %w: %w", command, cause, err)
}
