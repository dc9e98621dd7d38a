//go:build cgo

package pcscd

import (
	"errors"
	"fmt"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

// meaning turns the library's error into one of package pcsc's. It quotes the code and hides the
// value (%v), for nothing above is to know the binding.
func meaning(err error) error {
	var code scard.Error
	if !errors.As(err, &code) {
		return err
	}
	return fmt.Errorf("%w (PC/SC %08X)", sentinel(code), uint32(code))
}

// serviceMeaning is meaning for calls that concern no card: only the service can be lost there. One
// that hangs up on us is about to stop, or forbids us its use (SECURITY_VIOLATION, polkit).
func serviceMeaning(err error) error {
	for _, code := range []scard.Error{scard.ErrCommError, scard.ErrSecurityViolation} {
		if errors.Is(err, code) {
			return fmt.Errorf("%w (PC/SC %08X)", pcsc.ErrNoService, uint32(code))
		}
	}
	return meaning(err)
}

// sentinel returns what a code means to a program. A card that doesn't answer and a reader that
// lost it look alike: both are ErrComm.
func sentinel(code scard.Error) error {
	switch code {
	case scard.ErrNoService, scard.ErrServiceStopped, scard.ErrShutdown, scard.ErrInvalidHandle:
		return pcsc.ErrNoService
	case scard.ErrUnknownReader, scard.ErrReaderUnavailable, scard.ErrNoReadersAvailable:
		return pcsc.ErrNoReader
	case scard.ErrNoSmartcard:
		return pcsc.ErrNoCard
	case scard.ErrRemovedCard:
		return pcsc.ErrCardRemoved
	case scard.ErrResetCard:
		return pcsc.ErrCardReset
	case scard.ErrSharingViolation:
		return pcsc.ErrSharing
	case scard.ErrInsufficientBuffer:
		return pcsc.ErrBadAnswer
	case scard.ErrProtoMismatch, scard.ErrUnsupportedFeature, scard.ErrUnsupportedCard,
		scard.ErrCardUnsupported, scard.ErrReaderUnsupported, scard.ErrNoAccess,
		scard.ErrSecurityViolation:
		return pcsc.ErrNotSupported
	default:
		return pcsc.ErrComm
	}
}
