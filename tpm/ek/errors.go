package ek

import "errors"

// The refusals, in the order of [Verify]'s checks.
var (
	// ErrCertificate means that the bytes aren't one DER certificate of at most [MaxCertificate]
	// bytes.
	ErrCertificate = errors.New("malformed EK certificate")
	// ErrRoots means that the file of trusted makers has no certificate or isn't PEM.
	ErrRoots = errors.New("no usable EK roots")
	// ErrChain means that no trusted maker stands behind the certificate, that it isn't valid at
	// this time, or that it asks for something that isn't understood.
	ErrChain = errors.New("EK certificate isn't from a trusted maker")
	// ErrNotEK means that a trusted maker issued the certificate, but not for an endorsement key:
	// it lacks the purpose 2.23.133.8.1, is a CA's, or is not for key encipherment.
	ErrNotEK = errors.New("certificate isn't an endorsement key's")
	// ErrKey means that the certified key isn't one that tapbench enrols, which is RSA-2048 with
	// exponent 65537, or isn't the key that it was compared with.
	ErrKey = errors.New("endorsement key doesn't match")
)
