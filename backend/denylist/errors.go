package denylist

import "errors"

// What can be wrong with a list or a delta. The terminal keeps what it had.
var (
	// ErrFormat means that bytes are neither a list nor a delta, or not to their last byte.
	ErrFormat = errors.New("malformed deny list")
	// ErrSize means that the number of entries isn't a published one.
	ErrSize = errors.New("deny list of a size that isn't published")
	// ErrIssuer means that the list is another TSM's.
	ErrIssuer = errors.New("deny list of another issuer")
	// ErrSignature means that the TSM hasn't signed the list's header so.
	ErrSignature = errors.New("deny list isn't its issuer's")
	// ErrOrder means that entries aren't in ascending order, or twice there.
	ErrOrder = errors.New("deny list isn't sorted")
	// ErrEntries means that the entries aren't those that the TSM has signed.
	ErrEntries = errors.New("deny list's entries aren't those that are signed")
	// ErrSerial means that a list is no newer than the one at hand, or that a delta begins at another
	// one. Fetch with the serial at hand, or with 0.
	ErrSerial = errors.New("deny list has another serial number than is needed")
	// ErrSalt means that a delta leads to a list with another salt or size. Fetch the whole list.
	ErrSalt = errors.New("change of a deny list to another salt")
	// ErrChange means that a delta removes what isn't there, or adds what is.
	ErrChange = errors.New("change doesn't fit the deny list")
)

// Why a terminal can't rely on its list now. Offline payments are refused until it has fetched one.
var (
	// ErrNone means that the terminal has never had a list.
	ErrNone = errors.New("terminal has no deny list")
	// ErrStale means that the list is older than the terminal's policy allows.
	ErrStale = errors.New("deny list is too old")
	// ErrClock means that by the terminal's clock the list isn't made yet. Set the clock.
	ErrClock = errors.New("deny list is from the future, by the terminal's clock")
)

// What can be wrong with the making of a list. The list before it stays.
var (
	// ErrTooMany means that more tokens are to be denied than [MaxDenied].
	ErrTooMany = errors.New("too many denied tokens")
	// ErrSpent means that there is no serial number left, or that the clock was set back.
	ErrSpent = errors.New("deny list can't follow the one before")
)
