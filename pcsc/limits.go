package pcsc

import (
	"fmt"

	"tapbench/pcsc/apdu"
)

// CheckCommand reports whether a [Card] may send these bytes: their number is that of a C-APDU, 4
// to [apdu.MaxCommand]. Otherwise the error wraps [ErrBadCommand]. It doesn't read the length
// fields, because a bench must be able to send a card a wrong Lc.
func CheckCommand(command []byte) error {
	if len(command) < apdu.MinCommand || len(command) > apdu.MaxCommand {
		return fmt.Errorf("%w: %d bytes, not %d to %d",
			ErrBadCommand, len(command), apdu.MinCommand, apdu.MaxCommand)
	}
	return nil
}

// CheckAnswer reports whether a [Card] may return these bytes: their number is that of an R-APDU, 2
// to [MaxResponse]. Otherwise the error wraps [ErrBadAnswer].
func CheckAnswer(answer []byte) error {
	if len(answer) < 2 || len(answer) > MaxResponse {
		return fmt.Errorf("%w: %d bytes, not 2 to %d", ErrBadAnswer, len(answer), MaxResponse)
	}
	return nil
}
