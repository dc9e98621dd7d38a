package cli

import (
	"errors"

	"tapbench/applet"
	"tapbench/applet/statefile/bound"
	"tapbench/backend/api"
	"tapbench/backend/pki"
	"tapbench/pcsc"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/entry"
	"tapbench/tpm/channel"
	"tapbench/wallet"
)

// The exit codes of every command.
const (
	exitOK       = 0 // done
	exitFailed   = 1 // the operation failed
	exitUsage    = 2 // the command line is wrong
	exitNoDevice = 3 // no reader, no card, or no TPM
	exitDeclined = 4 // declined, a verification failed, or a comparison found a difference
)

const exitHelp = `Exit codes of every command:

  0  done
  1  the operation failed; the message says what state remains
  2  the command line is wrong
  3  no reader, no card, or no TPM
  4  a payment was declined, or something was verified and refused: a comparison found a
     difference, a check found more than its budget

"tapbench up -- CMD" exits with CMD's own code once CMD runs.
`

// usageError is a wrong command line.
type usageError struct{ err error }

// Error returns the cause's text.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *usageError) Unwrap() error { return e.err }

// errDeclined means that a payment was declined; what was printed says why.
var errDeclined = errors.New("declined")

// errUnbalanced means that a day was closed out of balance; what was printed says so.
var errUnbalanced = errors.New("out of balance")

// exitCode returns the exit code for a command's error.
func exitCode(err error) int {
	usage, command := new(usageError), new(commandError)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &command):
		return command.exit
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errDeclined), errors.Is(err, kernel.ErrNotArmed),
		errors.Is(err, bound.ErrLocked), errors.Is(err, entry.ErrCardBlocked),
		errors.Is(err, errUnbalanced), errors.Is(err, applet.ErrRefused),
		errors.Is(err, wallet.ErrOtherProgram),
		errors.Is(err, wallet.ErrUnreleased), errors.Is(err, pki.ErrManifestSignature),
		isVerification(err):
		return exitDeclined
	case errors.Is(err, pcsc.ErrNoService), errors.Is(err, pcsc.ErrNoReader),
		errors.Is(err, pcsc.ErrNoCard), errors.Is(err, pcsc.ErrCardRemoved),
		errors.Is(err, pcsc.ErrNotSupported), errors.Is(err, applet.ErrNotOurCard),
		errors.Is(err, kernel.ErrNoApplication), errors.Is(err, entry.ErrNoApplication),
		errors.Is(err, wallet.ErrNoAttester), errors.Is(err, channel.ErrClosed),
		errors.Is(err, errUnwell), isNoTPM(err), isNoJava(err):
		return exitNoDevice
	default:
		return exitFailed
	}
}

// isVerification reports that something was verified and refused, here or by another party.
func isVerification(err error) bool {
	if refused := new(verificationError); errors.As(err, &refused) {
		return true
	}
	problem := new(api.Problem)
	if !errors.As(err, &problem) {
		return false
	}
	switch problem.Code {
	case api.CodeSignature, api.CodeAttestation, api.CodeMismatch, api.CodeLimit:
		return true
	case api.CodeMalformed, api.CodeForbidden, api.CodeUnknown, api.CodeState, api.CodeExpired,
		api.CodeUnavailable, api.CodeInternal:
		return false
	default:
		return false
	}
}
