package payout

import (
	"errors"
	"fmt"

	"tapbench/backend/api"
)

// Why a whole batch is refused, in the order of the checks.
var (
	// ErrMalformed means that certificate, payout or claims have another layout or length.
	ErrMalformed = errors.New("malformed batch")
	// ErrEmpty means that a batch holds no claim.
	ErrEmpty = errors.New("batch of no claims")
	// ErrTooMany means that a batch says that it holds more than [api.MaxClaims].
	ErrTooMany = errors.New("batch of too many claims")
	// ErrAddressee means that the batch is for another TSM.
	ErrAddressee = errors.New("batch for another TSM")
	// ErrMerchant means that the batch names another merchant, or another certificate, than the
	// certificate beside it.
	ErrMerchant = errors.New("batch of another merchant")
	// ErrClaims means that the claims aren't those that were signed, or in another order.
	ErrClaims = errors.New("claims aren't those that the batch was signed over")
	// ErrCertificate means that the CA hasn't issued the certificate to a merchant.
	ErrCertificate = errors.New("not a merchant's certificate by the CA")
	// ErrSignature means that the certified key hasn't signed the batch.
	ErrSignature = errors.New("batch isn't signed by the certified key")
)

// RefusedError says why one claim isn't paid.
type RefusedError struct {
	Code   api.ClaimRefusal
	Reason string // for people, at most 255 bytes
}

// Error returns the reason and the code.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s (%s)", e.Reason, e.Code) }

func refuse(code api.ClaimRefusal, format string, args ...any) *RefusedError {
	return &RefusedError{Code: code, Reason: fmt.Sprintf(format, args...)}
}
