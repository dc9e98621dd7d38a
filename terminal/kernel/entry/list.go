package entry

import (
	"bytes"
	"cmp"
	"context"
	"slices"
)

// MaxCandidates is how many applications of one card are looked at.
const MaxCandidates = 32

// The directories, as a list names the one that it comes from.
const (
	FromPPSE = "PPSE"
	FromPSE  = "PSE"
	FromList = "list of AIDs"
)

// List is the candidate list: the applications that both know and that haven't been tried yet.
type List struct {
	Directory string // where the candidates come from
	Remarks   []Remark

	card     Card
	terminal Terminal
	offered  []Candidate // by the directories
	left     []Candidate
	asked    bool  // the cardholder has agreed to one
	refused  error // by the last one that was tried
}

// Find makes the candidate list of a card (EMV 4.3 Book 1, 12.3; EMV Contactless Book B 2.6,
// 3.3.2). It returns a *[NoApplicationError] if it is empty, [ErrCardBlocked], or the card's error.
func Find(ctx context.Context, card Card, t Terminal) (*List, error) {
	l := &List{card: card, terminal: t}
	for _, way := range l.ways() {
		err := way(ctx)
		if err != nil {
			return l, err
		}
		if len(l.left) > 0 {
			ByPriority(l.left, func(c Candidate) byte { return c.Priority })
			return l, nil
		}
	}
	return l, l.none()
}

// ways returns how the list is made, in the order in which it is tried.
func (l *List) ways() []func(context.Context) error {
	switch l.terminal.Way {
	case Contact:
		return []func(context.Context) error{l.fromPSE, l.fromAIDs}
	case Contactless:
		return []func(context.Context) error{l.fromPPSE}
	case Listed:
		return []func(context.Context) error{l.fromAIDs}
	case Anyhow:
		return []func(context.Context) error{l.fromPPSE, l.fromPSE, l.fromAIDs}
	default:
		return nil
	}
}

// Candidates returns those that are left, best first.
func (l *List) Candidates() []Candidate { return slices.Clone(l.left) }

// Offered returns what the card's directories named, known to the terminal or not.
func (l *List) Offered() []Candidate { return slices.Clone(l.offered) }

// none says that nothing is left.
func (l *List) none() error { return &NoApplicationError{Offered: l.offered, Err: l.refused} }

func (l *List) remark(where, text string) {
	l.Remarks = append(l.Remarks, Remark{Text: text, Clause: where})
}

// offer takes an entry of a directory into the list if the terminal knows it.
func (l *List) offer(c Candidate) {
	if len(l.offered) >= MaxCandidates {
		return
	}
	if !named(l.offered, c) {
		l.offered = append(l.offered, c)
	}
	for i, a := range l.terminal.Applications {
		if a.Takes(c.AID) && a.serves(c) {
			c.Taken = i
			if !a.Extended {
				c.Extended = nil
			}
			l.add(c)
			return
		}
	}
}

// add takes a candidate into the list, once.
func (l *List) add(c Candidate) {
	if !named(l.left, c) && len(l.left) < MaxCandidates {
		l.left = append(l.left, c)
	}
}

// named says whether a list has a candidate's name already.
func named(list []Candidate, c Candidate) bool {
	return slices.ContainsFunc(list, func(other Candidate) bool {
		return bytes.Equal(other.AID, c.AID) && bytes.Equal(other.Extended, c.Extended)
	})
}

// ByPriority sorts candidates: 1 first, then up to 15, then those without one; the order of equals
// stays (EMV 4.3 Book 1, 12.4).
func ByPriority[C any](list []C, priority func(C) byte) {
	slices.SortStableFunc(list, func(a, b C) int {
		return cmp.Compare(priority(a)-1, priority(b)-1) // 0 becomes 255, the last
	})
}
