package compare

import (
	"tapbench/pcsc/trace"
)

// Summary is what a comparison came to.
type Summary struct {
	A, B Totals
	// Header are the fields of the header that aren't the same.
	Header []HeaderField
	// Pairs of exchanges that are the same, that vary, that differ and that moved; exchanges that
	// only A or only B has.
	Same, Varying, Differing, Moved, OnlyA, OnlyB int
	// Elements that vary, that weren't kept, and that differ.
	ElementsVarying, ElementsNotKept, ElementsDiffering int
	// Timing has a row for each command that both traces timed.
	Timing []Timing
}

// Agree reports whether nothing differs but what must vary.
func (s *Summary) Agree() bool {
	for _, f := range s.Header {
		if f.Differs {
			return false
		}
	}
	return s.Differing+s.Moved+s.OnlyA+s.OnlyB == 0
}

// Totals are the size of a dialogue.
type Totals struct {
	Steps     int // exchanges and events
	Exchanges int
	Sent      int64 // bytes to the card
	Received  int64 // bytes from the card
}

func (t *Totals) count(i *Item) {
	t.Steps++
	if i.Kind == trace.Exchange {
		t.Exchanges++
		t.Sent += int64(i.Sent)
		t.Received += int64(i.Received)
	}
}

// HeaderField is a line of the header that the traces don't share. An empty value says that a trace
// has no such line.
type HeaderField struct {
	Key     trace.Key
	A, B    string
	Differs bool // else it is told and no more
}

// tally counts an event.
func (s *Summary) tally(e Event) {
	switch e.Kind {
	case Same:
		s.Same++
	case Varying:
		s.Varying++
	case Differing:
		s.Differing++
	case Moved:
		s.Moved++
	case OnlyA:
		s.OnlyA++
	case OnlyB:
		s.OnlyB++
	}
	for _, x := range e.Elements {
		switch x.Verdict {
		case Varies:
			s.ElementsVarying++
		case NotKept:
			s.ElementsNotKept++
		case Differs, Missing, Added:
			s.ElementsDiffering++
		}
	}
}
