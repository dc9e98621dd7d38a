package entry

import (
	"bytes"

	"tapbench/applet/wire"
)

// Application is one that the terminal takes (EMV 4.3 Book 1, 12.2.1).
type Application struct {
	AID []byte // 5 to 16 bytes
	// Partial says that a card's name may go on where AID ends: the application selection indicator
	// of Book 1, 12.3.1.
	Partial bool
	// Kernels are those that the terminal has for it, as a contactless directory names them (9F2A);
	// empty: any.
	Kernels []KernelID
	// Extended has the final SELECT of a contactless card carry 9F29 behind the name (EMV Contactless
	// Book B 2.6, 3.3.3).
	Extended bool
}

// Takes says whether a card's name is this application's.
func (a Application) Takes(name []byte) bool {
	return bytes.Equal(a.AID, name) || a.Partial && bytes.HasPrefix(name, a.AID)
}

// Kernel is a kernel that an application is for.
type Kernel byte

// The kernels.
const (
	General   Kernel = iota // package general: any EMV card
	Anonymous               // package kernel: tapbench's own anonymous cards
)

// KernelFor says which kernel an application is for (EMV Contactless Book B 2.6, 3.4): tapbench's
// own names are the anonymous cards'.
func KernelFor(name []byte) Kernel {
	switch wire.AID(name) {
	case wire.AIDPayment, wire.AIDOffline:
		return Anonymous
	default:
		return General
	}
}
