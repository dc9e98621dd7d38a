package link

import "time"

// Clock lets time pass.
type Clock interface {
	// Wait returns when d is over.
	Wait(d time.Duration)
}

// Virtual is a clock of its own on which waiting takes no time. The zero value stands at 0. It
// belongs to one goroutine at a time.
type Virtual struct{ now time.Duration }

// Wait moves the clock on.
func (v *Virtual) Wait(d time.Duration) { v.now += max(0, d) }

// Now returns how much has passed.
func (v *Virtual) Now() time.Duration { return v.now }
