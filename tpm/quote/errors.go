package quote

import "errors"

// The refusals, one for each check of [Verify], in its order. After any of them nothing of the
// evidence may be believed.
var (
	// ErrExpect means that the question is incomplete: no PCR, no rule for released digests, or a
	// bad AK. It is the verifier's own fault.
	ErrExpect = errors.New("incomplete expectation")
	// ErrNonce means that the nonce isn't 16 bytes, or that qualifying data is too short to hold
	// one or too long for a TPM: it is refused, not compared.
	ErrNonce = errors.New("nonce must be 16 bytes")
	// ErrBinding means that the other parts of the qualifying data are no parts: an unknown
	// purpose, no or too long a software identity, or a key that is no point on P-256.
	ErrBinding = errors.New("malformed binding")
	// ErrTooLarge means that the evidence is longer than [MaxEvidence] or has too long a part.
	ErrTooLarge = errors.New("evidence too large")
	// ErrEvidence means that the evidence or one of its TPM structures is malformed.
	ErrEvidence = errors.New("malformed evidence")
	// ErrAK means that another attestation key answered than the enrolled one.
	ErrAK = errors.New("not the enrolled attestation key")
	// ErrAKAttributes means that the key isn't one that signs only what its TPM made: it isn't
	// restricted, may leave its TPM, came from outside, or also decrypts.
	ErrAKAttributes = errors.New("attestation key has unsafe attributes")
	// ErrSignature means that the signature isn't the AK's over this TPMS_ATTEST.
	ErrSignature = errors.New("quote signature is wrong")
	// ErrMagic means that the signed data doesn't begin with TPM_GENERATED_VALUE: no TPM made it.
	ErrMagic = errors.New("not made by a TPM")
	// ErrType means that the TPM made another statement than a quote.
	ErrType = errors.New("attestation isn't a quote")
	// ErrSigner means that the AK isn't a primary key of the endorsement hierarchy. In others the
	// TPM obfuscates the reset count, and reboots can't be seen.
	ErrSigner = errors.New("attestation key isn't in the endorsement hierarchy")
	// ErrQualifyingData means that the quote answers another question: a stale nonce, another
	// purpose, session or software, or another key of the secure element or account.
	ErrQualifyingData = errors.New("quote answers another question")
	// ErrClock means that reset count, restart count or clock went back behind the last quote.
	ErrClock = errors.New("TPM went back in time")
	// ErrPCRSelection means that the quote covers other PCRs or another bank.
	ErrPCRSelection = errors.New("quote covers other PCRs")
	// ErrList means that the measurement list is malformed, empty, or speaks of a PCR that the
	// quote doesn't cover or that something else explains.
	ErrList = errors.New("measurement list is unusable")
	// ErrPCRDigest means that the list, with what else explains PCRs, doesn't lead to the quoted
	// ones: it was changed, reordered or cut.
	ErrPCRDigest = errors.New("measurement list doesn't explain the quoted PCRs")
	// ErrRevoked means that something was measured that was released once and may no longer run.
	ErrRevoked = errors.New("revoked software was measured")
	// ErrUnreleased means that something was measured that nobody released.
	ErrUnreleased = errors.New("unreleased software was measured")
)
