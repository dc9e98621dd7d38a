package plan

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"tapbench/applet/message"
)

// Schedule draws a wallet's instants from a secret seed of its own: uniform in windows that are
// common to all, the same after a restart, and independent of anything that happens.
type Schedule struct{ Seed []byte }

// fraction is uniform in [0, 1) for each purpose and number.
func (s Schedule) fraction(purpose string, number uint64) float64 {
	mac := hmac.New(sha256.New, s.Seed)
	mac.Write([]byte("tapbench/1 schedule " + purpose))
	mac.Write(binary.BigEndian.AppendUint64(nil, number))
	const bits = 53
	return float64(binary.BigEndian.Uint64(mac.Sum(nil))>>(64-bits)) / (1 << bits)
}

// Instant returns the instant for a purpose in an epoch: within a window from the epoch's start.
func (s Schedule) Instant(purpose string, e message.Epoch, window time.Duration) time.Time {
	window = min(window, message.EpochLength)
	start := e.End().Add(-message.EpochLength)
	return start.Add(time.Duration(s.fraction(purpose, uint64(e)) * float64(window)))
}

// Window returns when a purpose is due: at this epoch's instant; now, if that has passed and the
// window is still open; else at the next epoch's.
func (s Schedule) Window(purpose string, now time.Time, window time.Duration) time.Time {
	e := message.EpochAt(now)
	at := s.Instant(purpose, e, window)
	switch closes := e.End().Add(min(window, message.EpochLength) - message.EpochLength); {
	case at.After(now):
		return at
	case now.Before(closes):
		return now
	default:
		return s.Instant(purpose, e+1, window)
	}
}

// Slot returns the first refilling instant after now: there is one in each slot of that length,
// counted from 1970.
func (s Schedule) Slot(now time.Time, length time.Duration) time.Time {
	start := now.UTC().Truncate(length)
	for {
		part := s.fraction("refill", uint64(start.UnixNano()))
		at := start.Add(time.Duration(part * float64(length)))
		if at.After(now) {
			return at
		}
		start = start.Add(length)
	}
}
