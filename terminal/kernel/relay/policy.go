package relay

import (
	"errors"
	"fmt"
	"time"
)

// Mode is what a terminal wants of a card.
type Mode int

// The modes.
const (
	// Required: a card that doesn't take part is refused, as one is that is too far away.
	Required Mode = iota
	// On: a card that says that it takes part is measured, another one is taken as it is.
	On
	// Off: no card is measured.
	Off
)

// Modes are the names of all modes, in their order.
func Modes() []string { return []string{"required", "on", "off"} }

// String returns "required", "on" or "off".
func (m Mode) String() string {
	if names := Modes(); m >= 0 && int(m) < len(names) {
		return names[m]
	}
	return "unknown"
}

// ParseMode is the inverse of String.
func ParseMode(text string) (Mode, error) {
	for i, name := range Modes() {
		if name == text {
			return Mode(i), nil
		}
	}
	return 0, fmt.Errorf("relay resistance is required, on or off, not %.32q", text)
}

// Policy is what a terminal does against relays. The zero value requires the exchange and judges it
// by [Default].
type Policy struct {
	Mode   Mode
	Limits Limits
}

// ErrNotOffered means that a card doesn't take part, and must.
var ErrNotOffered = errors.New("card doesn't take part in the exchange against relays")

// ErrFar means that a card is too far away, or is said to be here by something that answers in its
// place. It comes as a *[FarError].
var ErrFar = errors.New("card is too far away")

// ErrNotProven means that what a card has signed isn't what the terminal has measured: something
// has answered in its place.
var ErrNotProven = errors.New("card hasn't signed the exchange that was measured")

// FarError says by how much.
type FarError struct {
	Verdict
	Tries int
}

// Error names both times.
func (e *FarError) Error() string {
	if e.Soon() {
		return fmt.Sprintf("card answers sooner than it can: %s, at least %s", Milliseconds(e.Took),
			Milliseconds(e.Least))
	}
	return fmt.Sprintf("%s: %s, at most %s", ErrFar, Milliseconds(e.Took), Milliseconds(e.AtMost))
}

// Is makes errors.Is(err, ErrFar) true.
func (e *FarError) Is(target error) bool { return target == ErrFar }

// Milliseconds writes a measured time, such as "231.4 ms".
func Milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
