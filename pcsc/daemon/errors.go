package daemon

import "errors"

// What can keep a daemon from starting or a card from being laid on its readers.
var (
	// ErrNamespaces means that the kernel, or a container around us, refuses mount, network,
	// process or user namespaces. Nothing was started. Run as root, allow user namespaces, or use
	// the machine's own pcscd ([System]).
	ErrNamespaces = errors.New("namespaces are forbidden here")
	// ErrNoPCSCD means that there is no pcscd program. Nothing was started.
	ErrNoPCSCD = errors.New("pcscd is not installed")
	// ErrNoDriver means that vpcd's driver, libifdvpcd.so, is missing or unusable. Nothing was
	// started.
	ErrNoDriver = errors.New("no driver for virtual readers")
	// ErrConfig means that the configuration can't work, whatever the machine.
	ErrConfig = errors.New("unusable configuration")
	// ErrNotReady means that pcscd started and then ended or didn't answer. It was stopped and its
	// files were removed.
	ErrNotReady = errors.New("pcscd did not become ready")
	// ErrStopped means that the daemon has ended, by Stop or by itself.
	ErrStopped = errors.New("the private pcscd has ended")
	// ErrNoSlot means that the daemon has no slot of that number.
	ErrNoSlot = errors.New("no such slot")
	// ErrReaderTaken means that another card lies on the slot. Take it away, or use another slot.
	ErrReaderTaken = errors.New("the virtual reader is taken by another card")
	// ErrNoConsent means that the machine's own pcscd would have to be changed and that nobody has
	// agreed to that. Nothing was changed.
	ErrNoConsent = errors.New("not changing the machine's own pcscd without consent")
)

// The commands that mend what is missing.
const (
	mendPCSCD  = "install it: apt-get install pcscd"
	mendDriver = "make it: scripts/vpcd-driver.sh"
)
