package rules

// Sums are minor units of the transaction's currency.
type Sums struct {
	Amount uint64 // authorised: 9F02, cashback included
	// Before is what the terminal's log has of the same account number that wasn't online yet.
	Before uint64
}

// Limits are the terminal's for one application (EMV 4.3 Book 3, 10.6; Book 4,
// 10.2).
type Limits struct {
	Floor     uint64 // tag 9F1B
	Threshold uint64 // of biased random selection; below the floor limit
	// Percent and Most are the target percentage and its maximum, 0 to 99; the first isn't above the
	// second.
	Percent, Most int
}

// History is what the card says of its past. A nil element isn't on the card.
type History struct {
	Lower, Upper *byte // 9F14, 9F23: consecutive offline limits
	// Counters are read by GET DATA: the transaction counter, and its value at the last online
	// one. A nil one wasn't answered.
	Counter, LastOnline *uint16
}

// Risk is the terminal risk management: floor limit (10.6.1), random selection (10.6.2), velocity
// (10.6.3). random is 1 to 99, drawn for this transaction.
func Risk(s Sums, l Limits, h History, random int) (tvr TVR) {
	if s.Amount+s.Before >= l.Floor || s.Amount+s.Before < s.Amount {
		tvr.Set(AboveFloor)
	} else if random <= chance(s.Amount, l) {
		tvr.Set(RandomlyOnline)
	}
	tvr.Join(velocity(h))
	return tvr
}

// chance is the percentage of transactions of an amount that go online at random: the target up to
// the threshold, from there rising to the maximum at the floor limit.
func chance(amount uint64, l Limits) int {
	if amount < l.Threshold || l.Floor <= l.Threshold {
		return l.Percent
	}
	above, span := amount-l.Threshold, l.Floor-l.Threshold
	// Both below 2^57 would be exact in integers; a share of a percent is enough beyond.
	share := float64(above) / float64(span)
	return l.Percent + int(float64(l.Most-l.Percent)*share)
}

// velocity compares how many offline transactions there were with the card's limits. Without both
// limits nothing is checked; without the counters both are exceeded, and data are missing (7.5).
// The upper limit is looked at only above the lower one.
func velocity(h History) (tvr TVR) {
	if h.Lower == nil || h.Upper == nil {
		return tvr
	}
	switch {
	case h.Counter == nil || h.LastOnline == nil:
		tvr.Set(LowerLimit, UpperLimit, DataMissing)
	case *h.Counter <= *h.LastOnline:
		tvr.Set(LowerLimit, UpperLimit)
	default:
		gone := int(*h.Counter) - int(*h.LastOnline)
		if gone > int(*h.Lower) {
			tvr.Set(LowerLimit)
			if gone > int(*h.Upper) {
				tvr.Set(UpperLimit)
			}
		}
	}
	if h.LastOnline != nil && *h.LastOnline == 0 {
		tvr.Set(NewCard)
	}
	return tvr
}
