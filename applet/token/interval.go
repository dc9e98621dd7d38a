package token

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

// KnownClass says whether unit is a unit class, in minor units.
func KnownClass(unit uint8) bool { return unit == 1 || unit == 5 || unit == 50 }
