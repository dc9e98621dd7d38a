package pcscd

// Reader is one reader as the service sees it at a moment.
type Reader struct {
	// Name is what Connect takes.
	Name string
	// ATR is the card's answer to reset; nil without a card, or while the card doesn't answer.
	ATR []byte
	// Present says that a card lies on the reader.
	Present bool
	// Mute says that a card lies there and doesn't answer.
	Mute bool
	// InUse says that some program is connected to the card, Exclusive that it shares it with
	// nobody.
	InUse, Exclusive bool

	// state is the state as the library says it; its upper half counts insertions and removals.
	state uint32
}

// changes returns the service's count of insertions and removals, modulo 65,536.
func (r Reader) changes() uint32 { return r.state >> 16 }

// EventKind says what happened.
type EventKind byte

// The kinds of events.
const (
	ReaderAdded EventKind = iota + 1
	ReaderRemoved
	CardInserted
	CardRemoved
)

// String returns the kind in two words.
func (k EventKind) String() string {
	switch k {
	case ReaderAdded:
		return "reader added"
	case ReaderRemoved:
		return "reader removed"
	case CardInserted:
		return "card inserted"
	case CardRemoved:
		return "card removed"
	default:
		return "unknown event"
	}
}

// Event is one change of readers or cards. Reader is as it was right after; of a reader that was
// removed only the name is left.
type Event struct {
	Kind   EventKind
	Reader Reader
}

// changed returns the events that lead from one view of the readers to the next: what left first,
// then what came, both in the service's order. A card that was exchanged for another, or lifted and
// laid back, between the two views was removed and inserted.
func changed(before, after []Reader) []Event {
	var events []Event
	was := make(map[string]Reader, len(before))
	for _, r := range before {
		was[r.Name] = r
	}
	is := make(map[string]bool, len(after))
	for _, r := range after {
		is[r.Name] = true
	}
	for _, r := range before {
		if is[r.Name] {
			continue
		}
		if r.Present {
			events = append(events, Event{CardRemoved, Reader{Name: r.Name}})
		}
		events = append(events, Event{ReaderRemoved, Reader{Name: r.Name}})
	}
	for _, r := range after {
		old, known := was[r.Name]
		if !known {
			events = append(events, Event{ReaderAdded, r})
		}
		another := known && old.changes() != r.changes()
		if old.Present && (!r.Present || another) {
			events = append(events, Event{CardRemoved, r})
		}
		if r.Present && (!old.Present || another) {
			events = append(events, Event{CardInserted, r})
		}
	}
	return events
}
