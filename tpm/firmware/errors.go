package firmware

import "errors"

// What can be wrong with a log. Nothing is kept of a log that was refused.
var (
	// ErrTooLarge means that the log is longer than [MaxLog].
	ErrTooLarge = errors.New("firmware log too large")
	// ErrFormat means that the bytes aren't a crypto-agile event log: cut short, a length that
	// doesn't fit, or a PCR that no TPM has.
	ErrFormat = errors.New("malformed firmware log")
	// ErrBank means that the log has no SHA-256 digests, or not the digests that its first event
	// announces.
	ErrBank = errors.New("firmware log without SHA-256 digests")
	// ErrOrder means that an event that sets PCR 0's first value comes after PCR 0 was extended.
	ErrOrder = errors.New("firmware log sets PCR 0 too late")
	// ErrSecureBoot means that the log doesn't tell whether Secure Boot was on: an event about it is
	// missing, repeated, after the separator or not the thing that was measured.
	ErrSecureBoot = errors.New("firmware log doesn't tell the state of Secure Boot")
)
