package tpm

import (
	"errors"

	"tapbench/tpm/channel"
)

// The failures of the connection, as [tapbench/tpm/channel] explains them.
var (
	ErrNoTPM = channel.ErrNoTPM
	ErrGone  = channel.ErrGone
	ErrBusy  = channel.ErrBusy
)

// The failures of operations. The TPM is as it was before.
var (
	// ErrNotTPM2 means that what answers isn't a TPM of family 2.0.
	ErrNotTPM2 = errors.New("not a TPM 2.0")
	// ErrNoEKCertificate means that the TPM's maker left no RSA EK certificate in it.
	ErrNoEKCertificate = errors.New("TPM has no EK certificate")
	// ErrEK means that the TPM's endorsement key isn't the RSA-2048 key of the EK credential
	// profile, or isn't the one in its certificate.
	ErrEK = errors.New("unusable endorsement key")
	// ErrAK means that the TPM now makes another attestation key from the seed: it was cleared, or
	// it is another TPM. Enrol anew.
	ErrAK = errors.New("attestation key isn't this TPM's any more")
	// ErrCredential means that the challenge was made for another endorsement key or another
	// attestation key, or was changed.
	ErrCredential = errors.New("credential isn't for this TPM and key")
	// ErrPCR means that there is no such PCR in the SHA-256 bank.
	ErrPCR = errors.New("no such PCR in the SHA-256 bank")
	// ErrNotResettable means that no local program may reset this PCR: only 16 and 23 can be.
	ErrNotResettable = errors.New("PCR can't be reset")
	// ErrAnswer means that the TPM's answer makes no sense.
	ErrAnswer = errors.New("TPM answered nonsense")
)
