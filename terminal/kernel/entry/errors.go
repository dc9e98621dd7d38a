package entry

import (
	"errors"
	"fmt"
)

// How a selection can end without an application.
var (
	// ErrNoApplication means that card and terminal have no application in common, or that none is
	// left. It comes as a *[NoApplicationError].
	ErrNoApplication = errors.New("no application that card and terminal both have")
	// ErrNotAgreed means that the cardholder was asked and wants none of the applications that are
	// left (Book 1, 12.4). It is the Err of a *[NoApplicationError].
	ErrNotAgreed = errors.New("cardholder agreed to no application")
	// ErrCardBlocked means that the card answered 6A81: it is blocked, or knows no SELECT (EMV 4.3
	// Book 1, 12.3.2 and 12.3.3).
	ErrCardBlocked = errors.New("card is blocked, or doesn't know SELECT")
	// ErrData means that an answer to SELECT isn't what it must be (Book 1, 11.3.4). It stands in the
	// error of a *[NoApplicationError]: such an application is passed over.
	ErrData = errors.New("card's answer to SELECT is malformed")
)

// NoApplicationError says what a card offers instead of an application that the terminal knows.
type NoApplicationError struct {
	Offered []Candidate // what the directories named, in the card's order
	Err     error       // the last refusal, or nil
}

// Error names the offered applications by AID and label.
func (e *NoApplicationError) Error() string {
	if errors.Is(e.Err, ErrNotAgreed) {
		return ErrNotAgreed.Error()
	}
	return Offering(ErrNoApplication.Error(), e.Offered, e.Err)
}

// Offering adds to an error's text what a card offers, if it is anything, and its last refusal, if
// there was one.
func Offering[C fmt.Stringer](text string, offered []C, refused error) string {
	for i, c := range offered {
		if i == 0 {
			text += ": it offers " + c.String()
			continue
		}
		text += ", " + c.String()
	}
	if refused != nil {
		text += " (" + refused.Error() + ")"
	}
	return text
}

// Is makes errors.Is(err, ErrNoApplication) true.
func (e *NoApplicationError) Is(target error) bool { return target == ErrNoApplication }

// Unwrap returns the last refusal.
func (e *NoApplicationError) Unwrap() error { return e.Err }

// Remark is what was remarkable in a selection, with the clause that it comes from.
type Remark struct{ Text, Clause string }
