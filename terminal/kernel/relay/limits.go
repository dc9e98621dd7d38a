package relay

import (
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Unit is the unit of a card's times.
const Unit = 100 * time.Microsecond

// Tries is how often a terminal asks a card that answers late, the first time included.
const Tries = wire.RelayTries

// Limits are what a terminal knows of its own speed and how much it lets pass. The zero value
// stands for [Default].
type Limits struct {
	// Command and Answer are how long the two are expected to be on their way.
	Command, Answer time.Duration
	// MinGrace and MaxGrace are by how much a card may answer sooner or later than it says.
	MinGrace, MaxGrace time.Duration
	// Accuracy is how long an answer may take beyond the card's minimum, and Mismatch in percent how
	// much of the longer one of both sides' ideas of the answer's way the shorter one must be, or
	// the measurement is called inexact. That refuses nothing.
	Accuracy time.Duration
	Mismatch int
}

// Grace is MaxGrace of a terminal that is a program on a general computer: its reader, its driver
// and its scheduler take time too. A terminal of one piece, measured with its own cards, gets by
// with 5 ms, which is Book C-2's default.
const Grace = 50 * time.Millisecond

// Default returns Book C-2's own values, but for MaxGrace: [Grace].
func Default() Limits {
	return Limits{
		Command: 18 * Unit, Answer: 24 * Unit, MinGrace: 20 * Unit, MaxGrace: Grace,
		Accuracy: 300 * Unit, Mismatch: 50,
	}
}

// Verdict is what one measurement came to.
type Verdict struct {
	Took   time.Duration // the whole exchange
	Least  time.Duration // the shortest that is right
	AtMost time.Duration // the longest
	// Inexact says that the time is within the limits, and yet longer than [Limits.Accuracy], or that
	// card and terminal don't agree on how long an answer is on its way.
	Inexact bool
}

// Far says that the card answers too late to be where it should.
func (v Verdict) Far() bool { return v.Took > v.AtMost }

// Soon says that the answer comes sooner than the card can make it: somebody else does.
func (v Verdict) Soon() bool { return v.Took < v.Least }

// Judge holds the time of an exchange against a card's own times.
func (l Limits) Judge(took time.Duration, card message.RelayTimes) Verdict {
	if l == (Limits{}) {
		l = Default()
	}
	answer := time.Duration(card.Transmission) * Unit
	way := l.Command + min(answer, l.Answer)
	least, most := time.Duration(card.Min)*Unit, time.Duration(card.Max)*Unit
	v := Verdict{Took: took, AtMost: way + most + l.MaxGrace}
	if early := least - l.MinGrace; early > 0 {
		v.Least = way + early
	}
	shorter, longer := min(answer, l.Answer), max(answer, l.Answer)
	mismatch := shorter > 0 && int64(shorter)*100 < int64(l.Mismatch)*int64(longer)
	v.Inexact = mismatch || took-way-least > l.Accuracy
	return v
}
