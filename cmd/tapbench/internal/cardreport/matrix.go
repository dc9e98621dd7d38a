package cardreport

import (
	"fmt"
	"slices"
	"strings"

	"tapbench/cmd/tapbench/internal/cardcheck"
)

// Matrix is a table of cards and readers: what was run on which.
type Matrix struct {
	// Cards and Readers are the rows and columns in their order: those that one would like to know
	// of. Others of which there are reports follow.
	Cards   []string `json:"cards"`
	Readers []string `json:"readers"`
}

// neverRun stands in the cell of a real card on a real reader of which there is no report.
const neverRun = "never run on hardware"

// isSimulated reports a card that is a program.
func isSimulated(kind string) bool { return kind == "emulator" || kind == "jcardsim" }

// isHardware reports a reader that isn't a program.
func isHardware(reader string) bool { return reader != NoReader && reader != VirtualReader }

// Markdown writes the table for a page. Of several reports of one card on one reader the newest
// counts, of those of one day the last one given.
func (m Matrix) Markdown(reports []*Report) string {
	m.Cards, m.Readers = slices.Clone(m.Cards), slices.Clone(m.Readers)
	newest := make(map[[2]string]*Report)
	for _, r := range reports {
		place := [2]string{r.Card.Kind, r.Reader}
		if old, there := newest[place]; there && old.Date > r.Date {
			continue
		}
		newest[place] = r
		if !slices.Contains(m.Cards, r.Card.Kind) {
			m.Cards = append(m.Cards, r.Card.Kind)
		}
		if !slices.Contains(m.Readers, r.Reader) {
			m.Readers = append(m.Readers, r.Reader)
		}
	}
	var b strings.Builder
	b.WriteString("| card | " + strings.Join(m.Readers, " | ") + " |\n")
	b.WriteString("|---" + strings.Repeat("|---", len(m.Readers)) + "|\n")
	for _, card := range m.Cards {
		b.WriteString("| " + card + " |")
		for _, reader := range m.Readers {
			b.WriteString(" " + cell(card, reader, newest[[2]string{card, reader}]) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// cell returns what the table says of a card on a reader.
func cell(card, reader string, r *Report) string {
	switch {
	case r != nil:
		return counts(r.Count) + ", " + r.Date
	case isSimulated(card) == isHardware(reader):
		return "–" // a program on a real reader, or a real card in a program
	case isHardware(reader):
		return neverRun
	default:
		return "not run"
	}
}

// counts says how the cases ended, the worst first.
func counts(n cardcheck.Count) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{n.Failed, "failed"}, {n.Errored, "lost"}, {n.Passed, "passed"}, {n.Skipped, "left out"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}
