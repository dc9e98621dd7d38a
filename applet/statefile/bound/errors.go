package bound

import "errors"

// The failures. [ErrLocked] comes with one of the four reasons below it; nothing was changed then,
// and the right file, put back, opens again.
var (
	// ErrLocked means that the file isn't the state that the index was extended by last. What was
	// in it is lost unless the right file is found: begin a new one (docs/rollback.md).
	ErrLocked = errors.New("state is locked")
	// ErrPutBack means that the file is an older or a forked copy.
	ErrPutBack = errors.New("it is an older or a forked copy; the TPM has seen another one since")
	// ErrUnbound means that the file was never bound, though the index knows a state: it is a copy
	// from before.
	ErrUnbound = errors.New("it is a copy from before it was bound")
	// ErrNoFile means that the index knows a state and there is no file.
	ErrNoFile = errors.New("its file is missing")
	// ErrNoIndex means that the file is bound and the index was never written: it was removed, or
	// this is another TPM.
	ErrNoIndex = errors.New("its NV index is gone, or this is another TPM")

	// ErrBound means that a bound file was opened without its index. Nothing was changed.
	ErrBound = errors.New("state is bound to a TPM's NV index")
	// ErrForked means that the index was extended by somebody else meanwhile: a copy of this state
	// is in use. Nothing may be answered, and nothing can be committed any more.
	ErrForked = errors.New("another copy of this state is in use")
	// ErrUncertain means that a commit failed where nobody knows whether the index was extended, or
	// that one did before. Nothing may be answered; open the state again, which settles it.
	ErrUncertain = errors.New("state's last commit is uncertain")
)
