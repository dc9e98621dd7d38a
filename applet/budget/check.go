package budget

import (
	"tapbench/applet/decode"
)

// Verdict says what became of a limit.
type Verdict byte

// The verdicts.
const (
	// Kept: all that was measured is within the limit.
	Kept Verdict = iota
	// Exceeded: something is beyond it.
	Exceeded
	// Untimed: nothing that was timed is beyond a limit of time, but an exchange has no time.
	Untimed
	// Absent: the dialogue has nothing that the limit is about.
	Absent
)

// String returns the verdict in a word.
func (v Verdict) String() string {
	switch v {
	case Kept:
		return "kept"
	case Exceeded:
		return "exceeded"
	case Untimed:
		return "untimed"
	case Absent:
		return "absent"
	default:
		return "unknown"
	}
}

// MarshalText returns what String does.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Result is what became of a limit in a dialogue.
type Result struct {
	Limit   Limit
	Verdict Verdict
	// Measured is the dearest, in the quantity's unit; Line the trace's line where it begins, or for
	// Untimed the exchange without a time. Both are 0 for Absent.
	Measured int64
	Line     int
}

// Check ends the dialogue and compares what was measured with the limits, in their order.
func (m *Meter) Check(limits []Limit) []Result {
	m.endPiece()
	results := make([]Result, 0, len(limits))
	for _, l := range limits {
		results = append(results, m.check(l))
	}
	return results
}

func (m *Meter) check(l Limit) Result {
	r := Result{Limit: l, Verdict: Absent}
	p, count, untimed := m.measured(l)
	if count == 0 {
		return r
	}
	r.Measured, r.Line = p.amount, p.line
	switch {
	case p.amount > l.Most:
		r.Verdict = Exceeded
	case l.Quantity == Time && untimed > 0:
		r.Verdict, r.Line = Untimed, untimed
	default:
		r.Verdict = Kept
	}
	return r
}

// measured returns what a limit is about: the dearest, of how many, and where one has no time.
func (m *Meter) measured(l Limit) (p peak, count, untimed int) {
	var all peaks
	switch l.Scope {
	case Command:
		c, known := m.commands[l.Name]
		switch {
		case !known:
			return peak{}, 0, 0
		case l.Quantity == Runs && c.inTap.amount > 0:
			return c.inTap, c.count, 0
		case l.Quantity == Runs:
			return peak{int64(c.inWhole), c.of[APDUs].line}, c.count, 0
		}
		all = c.peaks
	case Phase:
		if m.taps > 0 && ofTap(l.Phase) {
			all = m.inTap[l.Phase]
		} else if int(l.Phase) < phases {
			all.add(&m.whole.phases[l.Phase])
		}
	case Tap:
		if all = m.tap; m.taps == 0 {
			all.add(&m.whole.cost)
		}
	}
	return all.of[l.Quantity], all.count, all.untimed
}

// ofTap reports whether a phase is measured in each tap.
func ofTap(p decode.Phase) bool {
	switch p {
	case decode.Selection, decode.Initiation, decode.Reading, decode.Authorisation:
		return true
	case decode.Other, decode.Personalisation, decode.Attestation, decode.BankAccount,
		decode.TSMAccount, decode.Cards:
		return false
	default:
		return false
	}
}

// Limits ends the dialogue and returns the budget that it just keeps: time, bytes and runs of each
// command, time, APDUs and bytes of each phase and of the tap. What has no time
// gets no limit of it.
func (m *Meter) Limits() []Limit {
	m.endPiece()
	var limits []Limit
	add := func(l Limit, quantities ...Quantity) {
		for _, q := range quantities {
			l.Quantity = q
			p, count, untimed := m.measured(l)
			if l.Most = p.amount; count > 0 && p.amount > 0 && (q != Time || untimed == 0) {
				limits = append(limits, l)
			}
		}
	}
	for _, name := range m.names {
		if nameable(name) {
			add(Limit{Scope: Command, Name: name}, Time, Bytes, Runs)
		}
	}
	for n := range phases {
		add(Limit{Scope: Phase, Phase: decode.Phase(n)}, Time, APDUs, Bytes)
	}
	add(Limit{Scope: Tap}, Time, APDUs, Bytes)
	return limits
}

// Widest returns for each thing that any of the lists limits the widest of its limits, in the order
// of their first.
func Widest(lists ...[]Limit) []Limit {
	var widest []Limit
	at := make(map[string]int)
	for _, list := range lists {
		for _, l := range list {
			key := l.Subject() + " " + l.Quantity.String()
			n, known := at[key]
			if !known {
				at[key] = len(widest)
				widest = append(widest, l)
				continue
			}
			widest[n].Most = max(widest[n].Most, l.Most)
		}
	}
	return widest
}

// WithMargin returns the limits with so many per cent more time and bytes, rounded up; times to
// 10 microseconds. APDUs and runs are as they were: one more is another protocol.
func WithMargin(limits []Limit, percent int) []Limit {
	wider := make([]Limit, len(limits))
	for n, l := range limits {
		if l.Quantity != APDUs && l.Quantity != Runs {
			l.Most += (l.Most*int64(percent) + 99) / 100
		}
		if l.Quantity == Time {
			l.Most = min((l.Most+9)/10*10, maxTime)
		}
		wider[n] = l
	}
	return wider
}
