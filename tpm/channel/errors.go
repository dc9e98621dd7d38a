package channel

import "errors"

// The failures. After all but [ErrBadCommand] and an expired context before the exchange the
// channel is of no more use.
var (
	// ErrNoTPM means that there is no TPM to reach at this place. Nothing was sent.
	ErrNoTPM = errors.New("no TPM there")
	// ErrWhere means that the text names no place: it is neither "unix:PATH" nor "tcp:HOST:PORT"
	// nor the absolute path of a socket or device.
	ErrWhere = errors.New("not the place of a TPM")
	// ErrGone means that the TPM went away: its process died, or the device was removed. The
	// command that was under way may or may not have been carried out.
	ErrGone = errors.New("the TPM went away")
	// ErrBusy means that no answer came in time: another program holds the TPM, or it is slower
	// than [MaxWait].
	ErrBusy = errors.New("the TPM doesn't answer; is another program using it?")
	// ErrBadCommand means that the bytes aren't a command. Nothing was sent.
	ErrBadCommand = errors.New("malformed TPM command")
	// ErrBadAnswer means that the answer's header is wrong, or that more came than it announced.
	ErrBadAnswer = errors.New("malformed answer from the TPM")
	// ErrClosed means that the channel was closed by its owner.
	ErrClosed = errors.New("TPM channel is closed")
)
