package settlement

import (
	"time"

	"tapbench/applet/message"
)

// Grace is how long after its last epoch an account still takes reversals and refunds: three days.
// A terminal that was cut off reverses as soon as it has a network again.
const Grace = 3 * 24 * time.Hour

// ReturnsAt returns the instant from which on what is left of an epoch's accounts goes back.
func ReturnsAt(e message.Epoch) time.Time { return e.End().Add(Grace) }

// Due reports whether that instant has come.
func Due(e message.Epoch, now time.Time) bool { return !now.Before(ReturnsAt(e)) }

// LastDue returns the last epoch whose accounts are due. There is none, and it reports false, until
// epoch 0 has ended.
func LastDue(now time.Time) (message.Epoch, bool) {
	e := message.EpochAt(now.Add(-Grace))
	if e == 0 {
		return 0, false
	}
	return e - 1, true
}
