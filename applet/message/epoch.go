package message

import "time"

// EpochLength is the length of an epoch. Expiries are epoch ends common to all users, so that no
// expiry singles one out.
const EpochLength = 7 * 24 * time.Hour

// EpochAt returns the epoch that t lies in. Epoch 0 begins at 1970-01-01T00:00:00Z; earlier times
// lie in it too.
func EpochAt(t time.Time) Epoch {
	seconds := t.Unix() / int64(EpochLength/time.Second)
	return Epoch(max(0, min(seconds, 1<<32-1)))
}

// End returns the first instant after the epoch.
func (e Epoch) End() time.Time {
	return time.Unix((int64(e)+1)*int64(EpochLength/time.Second), 0).UTC()
}

// Expired says whether the epoch has ended at t.
func (e Epoch) Expired(t time.Time) bool { return !t.Before(e.End()) }

// CardExpiry returns the last epoch of a card that is issued in epoch e: the next one, for all
// cards of all users.
func CardExpiry(e Epoch) Epoch { return e + 1 }
