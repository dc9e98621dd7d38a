package oda

import "errors"

// What a check refuses by. An [*Error] wraps one of them.
var (
	// ErrLength means that a certificate or signature isn't as long as its signer's modulus.
	ErrLength = errors.New("wrong length")
	// ErrTrailer and ErrHeader mean that what was recovered doesn't end in BC or begin with 6A: it
	// was signed with another key, or is damaged.
	ErrTrailer = errors.New("trailer isn't BC")
	ErrHeader  = errors.New("header isn't 6A")
	// ErrFormat means another kind of certificate or signature.
	ErrFormat = errors.New("wrong format")
	// ErrAlgorithm means a hash or key algorithm other than 01: SHA-1, RSA.
	ErrAlgorithm = errors.New("unknown algorithm")
	// ErrHash means that the hash isn't that of the data: something was changed.
	ErrHash = errors.New("hash isn't that of the data")
	// ErrIssuer means that the certificate is for another range of account numbers.
	ErrIssuer = errors.New("issuer identifier isn't the account number's beginning")
	// ErrPAN means that the certificate is another card's.
	ErrPAN = errors.New("account number is another card's")
	// ErrExpired means that the certificate's month is over.
	ErrExpired = errors.New("expired")
	// ErrRevoked means that the certificate was withdrawn.
	ErrRevoked = errors.New("revoked")
	// ErrKey means that a key's length or exponent isn't one that EMV allows, or that its parts
	// don't fit.
	ErrKey = errors.New("key isn't allowed")
	// ErrRemainder means that the certificate holds a part of the key, and the rest isn't there (tag 92
	// or 9F48): data are missing (Book 3, 7.5).
	ErrRemainder = errors.New("remainder of the key is missing")
	// ErrDynamic means that the dynamic data's own lengths don't fit.
	ErrDynamic = errors.New("dynamic data are malformed")
	// ErrCryptogram means that the signed cryptogram data aren't those of the answer.
	ErrCryptogram = errors.New("cryptogram isn't the signed one")
	// ErrTransaction means that the signed hash isn't that of this transaction's data.
	ErrTransaction = errors.New("transaction data aren't the signed ones")
)

// Error is a check that refused.
type Error struct {
	Object string // what was checked: "issuer certificate", ...
	Clause string // of EMV 4.3 Book 2, with its step
	Err    error  // one of the sentinels
}

// Error returns the object, the cause and the clause.
func (e *Error) Error() string {
	return e.Object + ": " + e.Err.Error() + " (EMV 4.3 Book 2, " + e.Clause + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
