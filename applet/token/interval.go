package token

import (
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// ErrNoClass means that no unit class pays an amount with one token: pay online.
var ErrNoClass = errors.New("no unit class pays this amount offline")

// Interval is the units From+1 to To of one token.
type Interval struct{ From, To uint8 }

// Units returns how many units the interval holds, and 0 for one that is reversed.
func (v Interval) Units() int { return max(0, int(v.To)-int(v.From)) }

// Overlaps says whether two intervals share a unit.
func (v Interval) Overlaps(o Interval) bool {
	return max(v.From, o.From) < min(v.To, o.To)
}

// Within says whether the interval holds a unit, and none past a token's length.
func (v Interval) Within(length uint8) bool { return v.From < v.To && v.To <= length }

// Classes returns the unit classes in minor units, the largest first.
func Classes() []uint8 { return []uint8{50, 5, 1} }

// KnownClass says whether unit is a class.
func KnownClass(unit uint8) bool { return unit == 1 || unit == 5 || unit == 50 }

// ChooseClass returns the largest class that divides an amount in minor units, and how many units
// that is: 1250 is 25 x 50. It returns [ErrNoClass] when that takes more than
// [wire.TokenUnits], or the amount is 0.
func ChooseClass(amount uint64) (unit uint8, units int, err error) {
	for _, class := range Classes() {
		n := amount / uint64(class)
		if n > 0 && n <= wire.TokenUnits && amount%uint64(class) == 0 {
			return class, int(n), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: %d minor units", ErrNoClass, amount)
}
