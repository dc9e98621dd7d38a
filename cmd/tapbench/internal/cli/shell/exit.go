package shell

import (
	"errors"

	"tapbench/applet"
	"tapbench/applet/jcardsim"
	"tapbench/applet/statefile/bound"
	"tapbench/backend/api"
	"tapbench/backend/pki"
	"tapbench/pcsc"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/entry"
	"tapbench/tpm/channel"
	"tapbench/tpm/swtpm"
	"tapbench/wallet"
)

// The exit codes of every command.
const (
	ExitOK       = 0 // done
	ExitFailed   = 1 // the operation failed
	ExitUsage    = 2 // the command line is wrong
	ExitNoDevice = 3 // no reader, no card, or no TPM
	ExitDeclined = 4 // declined, a verification failed, or a comparison found a difference
)

// ExitHelp is what "tapbench exit-codes" prints.
const ExitHelp = `Exit codes of every command:

  0  done
  1  the operation failed; the message says what state remains
  2  the command line is wrong
  3  no reader, no card, or no TPM
  4  a payment was declined, or something was verified and refused: a comparison found a
     difference, a check found more than its budget

"tapbench up -- CMD" exits with CMD's own code once CMD runs.
`

// ExitCode returns the exit code for a command's error.
func ExitCode(err error) int {
	usage, command := new(usageError), new(CommandError)
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &command):
		return command.Exit
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, ErrDeclined), errors.Is(err, kernel.ErrNotArmed),
		errors.Is(err, bound.ErrLocked), errors.Is(err, entry.ErrCardBlocked),
		errors.Is(err, ErrUnbalanced), errors.Is(err, applet.ErrRefused),
		errors.Is(err, wallet.ErrOtherProgram),
		errors.Is(err, wallet.ErrUnreleased), errors.Is(err, pki.ErrManifestSignature),
		isVerification(err):
		return ExitDeclined
	case errors.Is(err, pcsc.ErrNoService), errors.Is(err, pcsc.ErrNoReader),
		errors.Is(err, pcsc.ErrNoCard), errors.Is(err, pcsc.ErrCardRemoved),
		errors.Is(err, pcsc.ErrNotSupported), errors.Is(err, applet.ErrNotOurCard),
		errors.Is(err, kernel.ErrNoApplication), errors.Is(err, entry.ErrNoApplication),
		errors.Is(err, wallet.ErrNoAttester), errors.Is(err, channel.ErrClosed),
		errors.Is(err, ErrUnwell), isNoTPM(err), isNoJava(err):
		return ExitNoDevice
	default:
		return ExitFailed
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

// isNoTPM reports that there is no TPM to work with.
func isNoTPM(err error) bool {
	return errors.Is(err, channel.ErrNoTPM) || errors.Is(err, channel.ErrGone) ||
		errors.Is(err, channel.ErrBusy) || errors.Is(err, swtpm.ErrMissing) ||
		errors.Is(err, swtpm.ErrDied)
}

// isNoJava reports that the applet can't run here, or doesn't any more.
func isNoJava(err error) bool {
	return errors.Is(err, jcardsim.ErrNotBuilt) || errors.Is(err, jcardsim.ErrNoJava) ||
		errors.Is(err, jcardsim.ErrOldJava) || errors.Is(err, jcardsim.ErrMachine)
}
