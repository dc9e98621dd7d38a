package pcsc

import "errors"

// The transport failures. Each says what state remains and what mends it.
var (
	// ErrNoService means that no PC/SC service answers. Nothing was sent. Start pcscd.
	ErrNoService = errors.New("no PC/SC service")
	// ErrNoReader means that the reader isn't there, or went away. Plug it in, or name another.
	ErrNoReader = errors.New("no such reader")
	// ErrNoCard means that no card lies on the reader. Nothing was sent.
	ErrNoCard = errors.New("no card on the reader")
	// ErrCardRemoved means that the card left during the connection. The command that was under
	// way may or may not have been carried out; connect anew.
	ErrCardRemoved = errors.New("card removed")
	// ErrCardReset means that somebody else reset the card: volatile state is lost.
	ErrCardReset = errors.New("card was reset by another program")
	// ErrSharing means that another program holds the card exclusively.
	ErrSharing = errors.New("card is in use by another program")
	// ErrBadAnswer means that the card's answer is shorter than SW1-SW2 or longer than
	// [MaxResponse].
	ErrBadAnswer = errors.New("malformed answer from the card")
	// ErrBadCommand means that the bytes to send aren't a C-APDU. Nothing was sent.
	ErrBadCommand = errors.New("malformed command")
	// ErrNotSupported means that reader, driver or build can't do what was asked.
	ErrNotSupported = errors.New("not supported")
	// ErrClosed means that the connection was closed or cancelled before.
	ErrClosed = errors.New("connection closed")
	// ErrOffScript means that the card is a recording and was asked something else than was
	// recorded. Nothing that the recording holds from there on can be relied on.
	ErrOffScript = errors.New("not what was recorded")
	// ErrComm means that reader and card lost each other's signal. The command that was under way
	// may or may not have been carried out.
	ErrComm = errors.New("communication with the card failed")
)

// Error is a transport failure: what was tried, on which reader, and why it failed. Err wraps one
// of the sentinels above or the context's error.
type Error struct {
	Op     string // the act, such as "connecting" or "transmitting"
	Reader string // the reader's name, or empty
	Err    error
}

// Error returns the act, the reader and the cause.
func (e *Error) Error() string {
	if e.Reader == "" {
		return e.Op + ": " + e.Err.Error()
	}
	return e.Op + " (reader " + e.Reader + "): " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
