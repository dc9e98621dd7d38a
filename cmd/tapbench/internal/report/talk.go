package report

import (
	"fmt"

	"tapbench/cmd/tapbench/internal/show"
)

// talk is a dialogue as the template shows it.
type talk struct {
	*Dialogue
	Anchor int // the number of the dialogue
	Bars   []bar
	Span   string // the time from end to end
	Legend []legend
	Rows   []row
}

// bar is an exchange on the time line, in thousandths of its length.
type bar struct {
	X, Width string
	Phase    int
	Address  string
	Title    string
}

// legend is a row of the sums: one phase.
type legend struct {
	show.PhaseSum
	Number int
	Share  string // of the time, in thousandths
	Time   string
}

// row is an item in the list.
type row struct {
	*show.Item
	// Number counts the exchanges of the page.
	Number int
	Phase  int
	// Heading is the phase's name where it begins.
	Heading string
	Event   string
	// Passing says that the row is a short idle time, which only the time line shows.
	Passing bool
	// Chosen is the application where another one is selected.
	Chosen string
	// FailureWords says what came instead of an answer.
	FailureWords string
	Share        string // of the longest exchange, in hundredths
	Time         string
	Sides        []side
}

// newTalk returns what the template shows of a dialogue; number counts on.
func newTalk(d *Dialogue, anchor int, number *int) talk {
	t := talk{Dialogue: d, Anchor: anchor, Span: milliseconds(d.Totals.TookUS + d.Totals.IdleUS)}
	for _, p := range d.Totals.Phases {
		t.Legend = append(t.Legend, legend{
			PhaseSum: p, Number: int(p.InPhase), Time: milliseconds(p.TookUS),
			Share: ratio(p.TookUS, d.Totals.TookUS, 100),
		})
	}
	phase, application := "", ""
	for _, item := range d.Items {
		r := row{Item: item, Phase: int(item.InPhase)}
		if item.Kind == show.KindExchange {
			*number++
			r.Number = *number
			if item.Phase != phase {
				r.Heading, phase = item.Phase, item.Phase
			}
			if item.Application != application {
				r.Chosen, application = item.Application, item.Application
			}
			r.Time, r.Share = milliseconds(item.TookUS), ratio(item.TookUS, d.Totals.MostUS, 100)
			r.Sides, r.FailureWords = sides(item), item.FailureWords()
		} else {
			r.Event = item.Words()
			r.Passing = item.Kind == show.KindIdle && !item.LongIdle()
		}
		t.Rows = append(t.Rows, r)
	}
	t.bars()
	return t
}

// ratio returns part of whole as a number of n, with two digits behind the point.
func ratio(part, whole int64, n float64) string {
	if whole <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f", n*float64(part)/float64(whole))
}

// leastWidth keeps a short exchange visible, in thousandths of the time line.
const leastWidth = 1.5

// bars lays the exchanges out on the time line: as long as they took, or all the same if no time is
// known.
func (t *talk) bars() {
	widths := make([]float64, len(t.Rows))
	whole := 0.0
	timed := t.Totals.TookUS > 0
	for i, r := range t.Rows {
		switch {
		case timed:
			widths[i] = float64(r.TookUS + r.IdleUS)
		case r.Number > 0:
			widths[i] = 1
		}
		whole += widths[i]
	}
	scaled := 0.0
	for i, r := range t.Rows {
		widths[i] *= 1000 / max(whole, 1)
		if r.Number > 0 {
			widths[i] = max(widths[i], leastWidth)
		}
		scaled += widths[i]
	}
	x := 0.0
	for i, r := range t.Rows {
		width := widths[i] * 1000 / max(scaled, 1)
		if r.Number > 0 {
			t.Bars = append(t.Bars, bar{
				X: fmt.Sprintf("%.2f", x), Width: fmt.Sprintf("%.2f", width), Phase: r.Phase,
				Address: fmt.Sprintf("#x%d", r.Number), Title: barTitle(r),
			})
		}
		x += width
	}
}

func barTitle(r row) string {
	title := fmt.Sprintf("%d · %s", r.Number, r.Name)
	if r.Status != nil {
		title += " · " + r.Status.Word
	}
	if r.Time != "" {
		title += " · " + r.Time
	}
	return title
}
