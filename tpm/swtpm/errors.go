package swtpm

import "errors"

// The failures. A Start that fails leaves nothing behind that wasn't there before.
var (
	// ErrMissing means that a program isn't installed. Install the Debian packages swtpm and
	// swtpm-tools.
	ErrMissing = errors.New("not installed; run: apt-get install swtpm swtpm-tools")
	// ErrDir means that the folder can't be used: its path isn't absolute, is too long for a
	// socket, or holds characters that swtpm's options can't carry.
	ErrDir = errors.New("folder can't hold a swtpm")
	// ErrInUse means that another process runs a TPM in this folder.
	ErrInUse = errors.New("another process runs the TPM of this folder")
	// ErrSetup means that swtpm_setup couldn't manufacture the TPM.
	ErrSetup = errors.New("manufacturing the TPM went wrong")
	// ErrDied means that swtpm ended without being told to. The TPM went away; what it had stored
	// is in its folder, and Start brings it back.
	ErrDied = errors.New("swtpm died")
	// ErrStopped means that the TPM was stopped by its owner.
	ErrStopped = errors.New("swtpm was stopped")
)
