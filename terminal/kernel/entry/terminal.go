package entry

// Way is how a card is read, which says where its applications are looked for.
type Way byte

// The ways.
const (
	// Anyhow tries the contactless directory, the contact one and then the terminal's list: for a
	// reader that doesn't say what it is. No book has it.
	Anyhow Way = iota
	// Contact tries the contact directory (PSE) and then the terminal's list (EMV 4.3 Book 1, 12.3).
	Contact
	// Contactless tries the contactless directory (PPSE) alone (EMV Contactless Book B 2.6, 3.3).
	Contactless
	// Listed tries the terminal's list alone (Book 1, 12.3.3).
	Listed
)

// Terminal is what a terminal brings to a selection.
type Terminal struct {
	Applications []Application // in the order of its own preference
	Way          Way
	Chooser      Chooser // nil: the terminal chooses, and nothing is confirmed
}
