package entry

import (
	"context"

	"tapbench/applet/emv"
)

// Candidate is an application that both know.
type Candidate struct {
	emv.Candidate // AID is the card's name for it: ADF name or DF name, 5 to 16 bytes
	// Preferred is the name in the cardholder's own alphabet, 9F12, in the code table of Table, 9F11;
	// empty: none.
	Preferred string
	Table     byte
	// Confirm says that the cardholder has to agree (EMV 4.3 Book 1, 12.2.3, tag 87 bit 8).
	Confirm bool
	// KernelID is the kernel that a contactless directory asks for; zeros: none in particular.
	KernelID KernelID
	// Extended is what a contactless directory adds to the name, 9F29, where the terminal's
	// application takes it.
	Extended []byte
	// Taken is the place of the terminal's application in its list.
	Taken int
}

// Chooser asks the cardholder.
type Chooser interface {
	// Choose shows the candidates, best first, and returns the place of the chosen one, or false for
	// none.
	Choose(ctx context.Context, list []Candidate) (int, bool)
	// Confirm asks whether an application may be used.
	Confirm(ctx context.Context, c Candidate) bool
}
