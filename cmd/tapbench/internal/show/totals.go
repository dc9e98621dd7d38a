package show

import "tapbench/applet/decode"

// Totals are the sums over a dialogue.
type Totals struct {
	Sum
	// Phases are the sums of each phase that occurs, in the order of the phases.
	Phases []PhaseSum `json:"phases"`
	// MostUS is the time of the longest exchange.
	MostUS int64 `json:"longest_us,omitempty"`
}

// Sum counts exchanges, the bytes of commands and answers, and time.
type Sum struct {
	Exchanges int   `json:"exchanges"`
	Sent      int64 `json:"sent"`
	Received  int64 `json:"received"`
	TookUS    int64 `json:"took_us,omitempty"`
	IdleUS    int64 `json:"idle_us,omitempty"`
}

// PhaseSum is the sum of one phase.
type PhaseSum struct {
	Phase string `json:"phase"`
	Sum

	InPhase decode.Phase `json:"-"`
}

// Add counts an item; what is no exchange counts only for its idle time.
func (t *Totals) Add(i *Item) {
	t.IdleUS += i.IdleUS
	if i.Kind != KindExchange {
		return
	}
	t.add(i)
	t.MostUS = max(t.MostUS, i.TookUS)
	t.phase(i).add(i)
}

func (s *Sum) add(i *Item) {
	s.Exchanges++
	s.Sent += int64(i.Command.Length)
	if i.Answer != nil {
		s.Received += int64(i.Answer.Length)
	}
	s.TookUS += i.TookUS
}

// phase returns the sum of an item's phase. There are few, so a list is a map.
func (t *Totals) phase(i *Item) *PhaseSum {
	at := 0
	for at < len(t.Phases) && t.Phases[at].InPhase < i.InPhase {
		at++
	}
	if at == len(t.Phases) || t.Phases[at].InPhase != i.InPhase {
		t.Phases = append(t.Phases, PhaseSum{})
		copy(t.Phases[at+1:], t.Phases[at:])
		t.Phases[at] = PhaseSum{Phase: i.Phase, InPhase: i.InPhase}
	}
	return &t.Phases[at]
}

// Item returns the totals as the last item of a dialogue.
func (t *Totals) Item() *Item { return &Item{Kind: KindTotals, Totals: t} }
