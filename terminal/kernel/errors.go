package kernel

import (
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
)

// How a payment can end by what the card is or does.
var (
	// ErrNoApplication means that the card has no application that the terminal knows; the text names
	// what it offers. Nothing happened. It comes as a *[NoApplicationError].
	ErrNoApplication = errors.New("not a card that this terminal takes")
	// ErrNotArmed means that the card refuses the payment before it has shown itself (6985): its
	// wallet hasn't armed it, or not for this amount or currency. Nothing happened.
	ErrNotArmed = errors.New("card isn't armed for this payment")
	// ErrCardData means that the card's answer is malformed, or that an object is missing, there
	// twice, or not what the profile says. The text names the step and the object.
	ErrCardData = errors.New("card answered what it mustn't")
)

// NoApplicationError says what a card offers instead of an application that the terminal knows.
type NoApplicationError struct {
	Offered []emv.Candidate // in the card's order; none: it isn't a contactless payment card
	Err     error           // the card's last refusal, or nil
}

// Error names the offered applications by AID and label.
func (e *NoApplicationError) Error() string {
	text := ErrNoApplication.Error()
	if len(e.Offered) == 0 {
		text += ": it has no contactless payment applications"
	}
	return entry.Offering(text, e.Offered, e.Err)
}

// Is makes errors.Is(err, ErrNoApplication) true.
func (e *NoApplicationError) Is(target error) bool { return target == ErrNoApplication }

// Unwrap returns the card's refusal.
func (e *NoApplicationError) Unwrap() error { return e.Err }

// cardData puts [ErrCardData] in front of what a parser reports.
func badData(cause error) error { return fmt.Errorf("%w: %w", ErrCardData, cause) }

// contradicts is [ErrCardData] for an object whose value the profile doesn't allow.
func contradicts(tag tlv.Tag, what string) error {
	return fmt.Errorf("%w: %s: %s", ErrCardData, emv.Describe(tag), what)
}
