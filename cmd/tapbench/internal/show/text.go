package show

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Options say how a [Text] looks.
type Options struct {
	// Colour writes SGR sequences.
	Colour bool
	// Brief writes one line for each exchange.
	Brief bool
	// Bytes writes all bytes of each command and answer beside what they mean.
	Bytes bool
	// Width is how many columns there are; less than 60 counts as 60, 0 as 100.
	Width int
	// Longest is the time of the longest exchange, against which bars are drawn. If it is 0, they
	// are drawn against the longest one so far.
	Longest time.Duration
}

// The columns.
const (
	defaultWidth = 100
	leastWidth   = 60
	lineColumn   = 7 // the line number ends before it
	barCells     = 10
	timeWidth    = 13
)

// Text writes items for people. It has no errors of its own; [Text.Err] is the writer's first.
type Text struct {
	w     io.Writer
	o     Options
	phase string
	any   bool
	err   error
}

// NewText returns a writer of items.
func NewText(w io.Writer, o Options) *Text {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, leastWidth)
	return &Text{w: w, o: o}
}

// Err returns the first error of the writer.
func (t *Text) Err() error { return t.err }

func (t *Text) line() *line { return &line{colours: t.o.Colour} }

// end writes a line.
func (t *Text) end(l *line) {
	if t.err == nil {
		_, t.err = io.WriteString(t.w, strings.TrimRight(l.text.String(), " ")+"\n")
	}
}

// Item writes an item.
func (t *Text) Item(i *Item) {
	switch i.Kind {
	case KindHeader:
		t.header(i)
	case KindExchange:
		t.exchange(i)
	case KindTotals:
		t.totals(i.Totals)
	case KindIdle:
		if i.LongIdle() {
			t.event(i)
		}
	case KindReset, KindTear, KindRemove, KindInsert:
		t.event(i)
	default:
		t.event(i)
	}
}

func (t *Text) header(i *Item) {
	for _, f := range i.Fields {
		t.end(t.line().put(dim, f.Key).to(11).put(plain, f.Value))
	}
	if len(i.Fields) > 0 {
		t.end(t.line())
	}
}

// event writes what happened besides exchanges.
func (t *Text) event(i *Item) {
	l := t.numbered(i).put(yellow, "— "+i.Words()+" —")
	if !t.o.Brief {
		t.end(t.line())
	}
	t.end(l)
	t.any = true
}

func (t *Text) numbered(i *Item) *line {
	return t.line().put(dim, fmt.Sprintf("%*d", lineColumn-2, i.Line)).to(lineColumn)
}

// exchange writes a command and what came of it.
func (t *Text) exchange(i *Item) {
	t.heading(i)
	if t.o.Brief {
		t.brief(i)
		return
	}
	l := t.numbered(i).put(bold, i.Name)
	if i.Continued {
		l.put(dim, "  part of something longer")
	}
	t.end(t.timed(l, i))
	t.parameters(i)
	t.message(">", i.Command)
	t.answer(i)
}

// heading writes the phase where it changes, and an empty line between exchanges.
func (t *Text) heading(i *Item) {
	changed := i.Phase != t.phase
	if t.any && (changed || !t.o.Brief) {
		t.end(t.line())
	}
	t.any = true
	if !changed {
		return
	}
	t.phase = i.Phase
	l := t.line().put(cyan, "── "+i.Phase+" ")
	t.end(l.put(dim, strings.Repeat("─", max(0, t.o.Width-l.width))))
	if !t.o.Brief {
		t.end(t.line())
	}
}

// timed ends a line with bar and time.
func (t *Text) timed(l *line, i *Item) *line {
	if i.TookUS == 0 {
		return l
	}
	t.o.Longest = max(t.o.Longest, i.Took())
	l.to(t.o.Width - barCells - timeWidth)
	l.put(cyan, bar(float64(i.Took())/float64(t.o.Longest), barCells))
	return l.to(t.o.Width-timeWidth).put(plain, duration(i.TookUS))
}

// brief writes an exchange in one line.
func (t *Text) brief(i *Item) {
	space := t.o.Width - barCells - timeWidth - lineColumn - 2
	l := t.numbered(i).put(bold, cut(i.Name, space/2)).to(lineColumn + space/2 + 2)
	rest := t.o.Width - barCells - timeWidth - l.width - 2
	switch {
	case i.Failure != "":
		l.put(red, cut(i.FailureWords(), rest))
	case i.Status != nil:
		l.put(moodColour(i.Status.Mood), i.Status.Word)
		l.put(plain, cut(" "+i.Status.Text, rest-4))
	}
	t.end(t.timed(l, i))
}

// parameters writes the command's header, and what is said with it.
func (t *Text) parameters(i *Item) {
	l := t.line().to(lineColumn).put(dim, spaced(i.Command.Bytes(0, min(4, i.Command.Length))))
	var words []string
	for _, e := range i.Command.Elements {
		if e.Role == RoleHeader && e.Text != "" {
			words = append(words, e.Text)
		}
	}
	if i.Application != "" {
		words = append(words, i.Application)
	}
	t.end(l.to(lineColumn+14).put(dim, strings.Join(words, " · ")))
	for _, e := range i.Command.Elements {
		if e.Role == RoleHeader {
			t.bits(&e, lineColumn+14)
		}
	}
}

func (t *Text) answer(i *Item) {
	if i.Answer == nil {
		t.end(t.mark("<").put(red, "! ").put(plain, i.FailureWords()))
		return
	}
	t.message("<", i.Answer)
	l := t.mark("<").put(moodColour(i.Status.Mood), i.Status.Word).to(lineColumn + 8)
	t.end(l.put(plain, i.Status.Text))
}

// mark begins a line that belongs to a command or an answer.
func (t *Text) mark(direction string) *line {
	return t.line().to(lineColumn-2).put(dim, direction).to(lineColumn)
}

// duration writes microseconds as milliseconds, right-justified.
func duration(us int64) string {
	return fmt.Sprintf("%*.3f ms", timeWidth-3, float64(us)/1000)
}
