package measure

import "errors"

// What can be wrong with an entry or a list. Nothing is kept of a list that was refused.
var (
	// ErrEntry means that the entry can't be put into a list: its PCR isn't 0..23, or its path is
	// empty, longer than [MaxPath], or holds spaces or control characters.
	ErrEntry = errors.New("entry can't be recorded")
	// ErrFormat means that the bytes aren't a measurement list: cut short, or a length that doesn't
	// fit.
	ErrFormat = errors.New("malformed measurement list")
	// ErrTemplate means that an entry has another template than ima-ng, or another digest than
	// SHA-256.
	ErrTemplate = errors.New("measurement isn't of template ima-ng with sha256")
	// ErrTemplateHash means that an entry's template hash isn't the hash of its own data: somebody
	// changed the entry.
	ErrTemplateHash = errors.New("template hash doesn't match its entry")
	// ErrViolation means that the kernel recorded a violation: a file was open for writing while it
	// was measured, so that its digest says nothing.
	ErrViolation = errors.New("measurement violation recorded")
	// ErrTooLong means that the list is longer than [MaxList].
	ErrTooLong = errors.New("measurement list too long")
)
