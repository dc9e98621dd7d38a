package settlement

import (
	"time"

	"tapbench/backend/money"
)

// SlotLength is how far apart the instants are at which TSM and banks settle: one day, from
// midnight UTC.
const SlotLength = 24 * time.Hour

// LotMinor is the size of a lot in minor units: 10.00. Every published limit is a multiple of it,
// so a draw takes all that was funded before.
const LotMinor = 1000

// SlotAt returns the number of the slot in which a time lies, from 1970 on.
func SlotAt(now time.Time) uint32 {
	seconds := now.Unix()
	if seconds < 0 {
		return 0
	}
	return uint32(seconds / int64(SlotLength/time.Second)) //nolint:gosec // until the year 11,000,000
}

// Whole returns how many whole lots an amount in minor units holds.
func Whole(minor int64) uint32 {
	if minor <= 0 {
		return 0
	}
	return uint32(min(minor/LotMinor, 1<<32-1))
}

// Lots returns the amount of some lots.
func Lots(n uint32, currency money.Currency) (money.Amount, error) {
	return money.New(int64(n)*LotMinor, currency)
}
