package shell

import (
	"errors"
	"fmt"
)

// What a command has said itself, so that nothing is to be said about it any more.
var (
	// ErrDeclined means that a payment was declined; what was printed says why.
	ErrDeclined = errors.New("declined")

	// ErrUnbalanced means that a day was closed out of balance; what was printed says so.
	ErrUnbalanced = errors.New("out of balance")

	// ErrUnwell means that a way to a tap that was asked for doesn't work; what was printed says
	// why.
	ErrUnwell = errors.New("a tap can't happen in the way asked for")

	// ErrDiffers means that a comparison or a check found what it was to find; what was printed
	// says what.
	ErrDiffers = fmt.Errorf("%w: it differs", ErrDeclined)
)

// What a hint is known for.
var (
	// ErrFileExists means that an output file is there already; nothing was written.
	ErrFileExists = errors.New("the file is there already")

	// ErrOtherCard means that a file holds another card than the profile describes.
	ErrOtherCard = errors.New("the file holds another card")

	// ErrUntimed means that a budget of time met a trace without times.
	ErrUntimed = errors.New("the trace has no times")
)

// usageError is a wrong command line.
type usageError struct{ err error }

// Error returns the cause's text.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *usageError) Unwrap() error { return e.err }

// Usage makes an error one of usage.
func Usage(err error) error { return &usageError{err} }

// Usagef says what is wrong with the command line, and with %w why.
func Usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// verificationError is a refusal of what was verified.
type verificationError struct{ err error }

// Error returns the cause's text, as a refusal.
func (e *verificationError) Error() string { return "refused: " + e.err.Error() }

// Unwrap returns the cause.
func (e *verificationError) Unwrap() error { return e.err }

// Refused makes an error the refusal of something that was verified.
func Refused(err error) error { return &verificationError{err} }

// CommandError is the exit code of a command that ran on a bed, or that couldn't be run.
type CommandError struct {
	Exit int
	Err  error // nil if the command ran: then it has said itself what there was to say
}

// Error returns what kept the command from running, or how it ended.
func (e *CommandError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("the command ended with exit code %d", e.Exit)
	}
	return e.Err.Error()
}

// alone reports that err says nothing but how the command ended, which it has said itself.
func (e *CommandError) alone(err error) bool { return e.Err == nil && err.Error() == e.Error() }

// Unwrap returns what kept the command from running.
func (e *CommandError) Unwrap() error { return e.Err }
