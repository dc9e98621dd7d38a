package image

import (
	"fmt"
)

// Card is a whole card.
type Card struct {
	// ATR is the answer to reset, 2 to 33 bytes.
	ATR []byte
	// T0 says that the card answers as one of T=0: 61xx and 6Cxx (EMV 4.3 Book 1, 9.3.1).
	T0 bool
	// PSE is the directory of contact cards, PPSE that of contactless ones; nil: there is none.
	PSE  *Directory
	PPSE *Directory
	// Blocked says that the card is blocked from the start: SELECT answers 6A81.
	Blocked bool
	// Applications are in the order in which a partial name finds them.
	Applications []Application
}

// Directory is a PSE or PPSE: what SELECT answers, and for a PSE its records.
type Directory struct {
	// FCI is the whole answer, tag 6F with its length.
	FCI []byte
	// Records are those of the directory file, each with its template 70. A PPSE has none.
	Records []Record
}

// Record is one record of a file.
type Record struct {
	SFI    byte // 1 to 30
	Number byte // 1 to 255
	Data   []byte
}

// Format hides what a card holds, whatever the verb.
func (Card) Format(f fmt.State, _ rune) { hide(f, "Card") }
