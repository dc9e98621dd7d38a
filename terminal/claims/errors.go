package claims

import "errors"

// What can be wrong with a journal of claims.
var (
	// ErrInUse means that another process holds the journal. Nothing was changed. End the other
	// process, or name another folder.
	ErrInUse = errors.New("the terminal's claims are in use by another process")
	// ErrForeign means that what lies there isn't a journal of claims, or another terminal's or
	// merchant's. It was left as it was. Name another folder.
	ErrForeign = errors.New("not this terminal's claims")
	// ErrVersion means that another version of tapbench made the journal. It was left as it was.
	ErrVersion = errors.New("claims of another version")
	// ErrFull means that the disk is full. Nothing of what was to be appended is there. Free some
	// space and try again.
	ErrFull = errors.New("the disk with the terminal's claims is full")
	// ErrReadOnly means that the folder can't be written to, or that the journal was opened to be
	// read. Nothing was changed.
	ErrReadOnly = errors.New("the terminal's claims can't be written to")
	// ErrUncertain means that the disk failed, so that only opening the journal anew tells whether
	// the last records are there. Give no receipt. Until then whatever writes gets this error.
	ErrUncertain = errors.New("the disk failed, it isn't known whether the claim is kept")
	// ErrTooLong means that a payload is longer than [MaxPayload], or a reason than [MaxReason].
	// Nothing was changed.
	ErrTooLong = errors.New("too long for the terminal's claims")
	// ErrUnknown means that no claim has that key, or no claim is in that batch. Nothing was
	// changed.
	ErrUnknown = errors.New("no such claim")
	// ErrState means that the claim isn't in the state from which this step leads on, such as one
	// that is paid and is to be sent. Nothing was changed.
	ErrState = errors.New("the claim isn't in the state for that")
	// ErrDamaged means that a claim can't be read as it was written.
	ErrDamaged = errors.New("the terminal's claims are damaged")
)
