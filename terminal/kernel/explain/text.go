package explain

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"tapbench/terminal/kernel/general/outcome"
)

// The columns of the text: what speaks against the card is marked in the first one.
const (
	nameColumn   = 2
	valueColumn  = 24
	clauseColumn = 72
	width        = 100
)

// Write writes an explanation for people: what came of it, then phase by phase what was seen, with
// the clauses on the right. Lines have at most 100 columns, unless a value is longer. A ! marks
// what speaks against the card. An error is the writer's.
func (e Explanation) Write(w io.Writer) error {
	t := &text{w: bufio.NewWriter(w)}
	t.head(e)
	var idle []string
	for _, p := range e.Phases {
		switch {
		case len(p.Facts) > 0:
			t.phase(p)
		case p.State == NotReached:
			idle = append(idle, p.Title)
		case p.State == Skipped:
			t.line("")
			t.line(columns(p.Title+": skipped", clauseColumn) + short(p.Clause))
		}
	}
	if len(idle) > 0 {
		t.line("")
		for _, l := range wrap("Not reached: "+strings.Join(idle, ", "), width) {
			t.line(l)
		}
	}
	if len(e.Notes) > 0 {
		t.line("")
		t.line("Notes")
		for _, n := range e.Notes {
			t.note(n)
		}
	}
	t.line("")
	t.line("Clauses without an edition are of EMV 4.3, November 2011.")
	return t.w.Flush()
}

// text writes rows.
type text struct{ w *bufio.Writer }

// line writes a line, without what a screen would take for more than text: some is the card's.
func (t *text) line(s string) {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '.'
	}, s)
	_, _ = t.w.WriteString(strings.TrimRight(plain, " ") + "\n")
}

func (t *text) head(e Explanation) {
	title := strings.ToUpper(e.Result)
	switch {
	case e.Error != "":
		title += ": " + e.Error
	case e.Reason != nil:
		title += ": " + e.Reason.Text + " (" + e.Reason.Clause + ")"
	}
	for _, l := range wrap(title, width) {
		t.line(l)
	}
	for _, f := range [][2]string{
		{"amount", e.Amount},
		{"card", e.PAN},
		{"time", e.Time.Format(time.DateTime)},
		{"instead", e.Fallback},
	} {
		if f[1] != "" {
			t.row("", f[0], f[1], "")
		}
	}
	if e.Reversal {
		t.row("!", "reversal", "the issuer approved what didn't take place: it must be taken back",
			"EMV 4.3 Book 4, 12.2.3")
	}
}

func (t *text) phase(p Phase) {
	t.line("")
	title := p.Title
	if p.State == Skipped || p.State == EndedHere {
		title += ": " + string(p.State)
	}
	t.line(columns(title, clauseColumn) + short(p.Clause))
	for _, f := range p.Facts {
		t.fact(f, p.Clause)
	}
}

func (t *text) fact(f Fact, where string) {
	if f.Clause != where { // that stands in the phase's own line
		where = f.Clause
	} else {
		where = ""
	}
	mark := ""
	if f.Against {
		mark = "!"
	}
	value := f.Value
	if value != "" && f.Text != "" {
		value += "  "
	}
	t.row(mark, f.Name, value+f.Text, where)
	for _, b := range f.Bits {
		t.row("", fmt.Sprintf("  byte %d bit %d", b.Byte, b.Bit), b.Text, b.Clause)
	}
}

// note writes a sentence from the second column on.
func (t *text) note(n outcome.Reason) {
	for i, l := range wrap(n.Text, clauseColumn-nameColumn-2) {
		l = strings.Repeat(" ", nameColumn) + l
		if i == 0 {
			l = columns(l, clauseColumn) + short(n.Clause)
		}
		t.line(l)
	}
}

// row writes a name, words broken into lines, and beside the first of them a clause.
func (t *text) row(mark, name, words, where string) {
	room := width - valueColumn
	if where != "" {
		room = clauseColumn - valueColumn - 2
	}
	lines := wrap(words, room)
	first := columns(columns(mark, nameColumn)+name, valueColumn) + lines[0]
	if where != "" {
		first = columns(first, clauseColumn) + short(where)
	}
	t.line(first)
	for _, l := range lines[1:] {
		t.line(columns("", valueColumn) + l)
	}
}

// columns fills a text up to a column, with two spaces at least behind one that is longer.
func columns(s string, column int) string {
	if len(s) >= column && column > nameColumn {
		return s + "  "
	}
	return s + strings.Repeat(" ", max(0, column-len(s)))
}

// wrap breaks a text at spaces into lines that fit, or that are one word; never none.
func wrap(s string, room int) []string {
	var lines []string
	for len(s) > room {
		cut := strings.LastIndexByte(s[:room+1], ' ')
		if cut <= 0 {
			cut = strings.IndexByte(s, ' ')
		}
		if cut < 0 {
			break
		}
		lines = append(lines, strings.TrimRight(s[:cut], " "))
		s = strings.TrimLeft(s[cut:], " ")
	}
	return append(lines, s)
}

// short leaves the edition out that the last line names.
func short(where string) string {
	return strings.NewReplacer("EMV 4.3 ", "", "EMV Contactless", "Contactless").Replace(where)
}
