package trace

import (
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/applet/compare"
	"tapbench/applet/decode"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/pcsc/trace"
)

// The colours of a comparison, as diff programs have them.
const (
	diffRed    = "\x1b[31m"
	diffGreen  = "\x1b[32m"
	diffYellow = "\x1b[33m"
	diffCyan   = "\x1b[36m"
	diffBold   = "\x1b[1m"
	diffEnd    = "\x1b[0m"
)

// diffText writes a comparison for people.
type diffText struct {
	w      io.Writer
	colour bool
	all    bool // what varies, too
	err    error
}

// line writes a line in a colour.
func (t *diffText) line(colour, format string, args ...any) {
	if t.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if t.colour && colour != "" {
		text = colour + text + diffEnd
	}
	_, t.err = io.WriteString(t.w, text+"\n")
}

// names writes which two traces are compared.
func (t *diffText) names(a, b string) {
	t.line(diffBold, "--- %s", a)
	t.line(diffBold, "+++ %s", b)
}

func (t *diffText) header(fields []compare.HeaderField) {
	for _, f := range fields {
		switch {
		case f.Differs:
			t.line(diffRed, "  %s: %s -> %s", f.Key, f.A, f.B)
		case t.all || f.Key == trace.KeyReader:
			t.line("", "  %s: %s -> %s (no difference)", f.Key, orNothing(f.A), orNothing(f.B))
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "not said"
	}
	return s
}

// event writes one event, unless it only varies and that isn't wanted.
func (t *diffText) event(e compare.Event) error {
	switch e.Kind {
	case compare.Same:
		return t.err
	case compare.Varying:
		if !t.all {
			return t.err
		}
		t.line(diffCyan, "@@ line %d, line %d: %s", e.A.Line, e.B.Line, titleOf(e.A))
	case compare.Differing:
		t.line(diffCyan, "@@ line %d, line %d: %s", e.A.Line, e.B.Line, titleOf(e.A))
	case compare.Moved:
		t.line(diffYellow, "~ line %d -> line %d: %s moved", e.A.Line, e.B.Line, titleOf(e.A))
	case compare.OnlyA:
		t.line(diffRed, "- line %d: %s%s", e.A.Line, titleOf(e.A), sizeOf(e.A))
	case compare.OnlyB:
		t.line(diffGreen, "+ line %d: %s%s", e.B.Line, titleOf(e.B), sizeOf(e.B))
	}
	for n := range e.Elements {
		t.element(&e.Elements[n])
	}
	return t.err
}

// titleOf names an exchange.
func titleOf(i *compare.Item) string {
	if i.Kind != trace.Exchange {
		return i.Name
	}
	title := fmt.Sprintf("%s (% X)", i.Name, i.Header[:])
	if i.Application != "" {
		title += ", " + i.Application
	}
	return title
}

// sizeOf says what an exchange without a partner came to.
func sizeOf(i *compare.Item) string {
	switch {
	case i.Failure != "":
		return fmt.Sprintf(": %s", i.Failure)
	case i.Kind != trace.Exchange:
		return ""
	default:
		return fmt.Sprintf(": %d bytes, answer %v of %d", i.Sent, i.Status, i.Received)
	}
}

// element writes one data element.
func (t *diffText) element(e *compare.Element) {
	if e.Verdict < compare.Differs && !t.all {
		return
	}
	name := e.Name
	if e.Tag != 0 {
		name = e.Tag.String() + " " + name
	}
	colour := diffYellow
	switch e.Verdict {
	case compare.Differs:
		t.line(diffBold, "   %s %s: %s", e.Place, name, changeText(e))
		return
	case compare.Missing:
		t.line(diffRed, "-  %s %s%s", e.Place, name, valueText(e, e.A))
		return
	case compare.Added:
		t.line(diffGreen, "+  %s %s%s", e.Place, name, valueText(e, e.B))
		return
	case compare.NotKept:
		t.line(colour, "   %s %s: not kept (%s)", e.Place, name, e.Why)
	case compare.Varies:
		t.line(colour, "   %s %s: %s (varies: %s)", e.Place, name, changeText(e), e.Why)
	}
}

// shownBytes is how many bytes of a value a comparison shows.
const shownBytes = 16

// valueText writes a value that one side alone has.
func valueText(e *compare.Element, v []byte) string {
	switch {
	case v == nil:
		return ""
	case e.Place == compare.InEvent:
		return ": " + string(v)
	case e.Hidden():
		return fmt.Sprintf(": hidden, %d bytes", len(v))
	case len(v) > shownBytes:
		return fmt.Sprintf(": %X… (%d bytes)", v[:shownBytes], len(v))
	default:
		return fmt.Sprintf(": %X", v)
	}
}

// changeText writes both values, or where they begin to differ if they are long.
func changeText(e *compare.Element) string {
	a, b := e.A, e.B
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	switch {
	case e.Place == compare.InEvent:
		return fmt.Sprintf("%s -> %s", a, b)
	case a == nil || b == nil:
		return "partly not kept"
	case e.Hidden() && len(a) != len(b):
		return fmt.Sprintf("hidden, %d bytes -> %d bytes", len(a), len(b))
	case e.Hidden():
		return fmt.Sprintf("hidden, from byte %d of %d on", first+1, len(a))
	case len(a) <= shownBytes && len(b) <= shownBytes:
		return fmt.Sprintf("%s -> %s%s", hexOrEmpty(a), hexOrEmpty(b), inWords(e))
	}
	lengths := fmt.Sprintf("of %d", len(a))
	if len(a) != len(b) {
		lengths = fmt.Sprintf("(%d bytes -> %d bytes)", len(a), len(b))
	}
	return fmt.Sprintf("from byte %d %s on: %s -> %s",
		first+1, lengths, cutBytes(a[first:]), cutBytes(b[first:]))
}

// inWords says in words what both values are, if that fits behind them.
func inWords(e *compare.Element) string {
	const most = 30
	if e.StandIn || e.Field.Secrecy != decode.Clear {
		return ""
	}
	a, b := decode.Describe(e.Field, e.A), decode.Describe(e.Field, e.B)
	if a == "" || b == "" || a == b || len(a) > most || len(b) > most {
		return ""
	}
	return fmt.Sprintf(", %s -> %s", a, b)
}

func hexOrEmpty(v []byte) string {
	if len(v) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%X", v)
}

func cutBytes(v []byte) string {
	if len(v) > shownBytes {
		return fmt.Sprintf("%X…", v[:shownBytes])
	}
	return hexOrEmpty(v)
}

// summary writes the times and what it came to.
func (t *diffText) summary(s *compare.Summary) error {
	if len(s.Timing) > 0 {
		t.line("", "median times (no difference):")
	}
	for _, x := range s.Timing {
		t.line("", "  %-24s %10s -> %10s %6s  %d and %d times", x.Name, shortTime(x.A.Median),
			shortTime(x.B.Median), change(x.A.Median, x.B.Median), x.A.Count, x.B.Count)
	}
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{s.Same, "the same"},
		{s.Varying, "with what varies only"},
		{s.Differing, "with differences"},
		{s.Moved, "moved"},
		{s.OnlyA, "only in the first"},
		{s.OnlyB, "only in the second"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to compare"}
	}
	colour, verdict := diffGreen, "the dialogues agree"
	if !s.Agree() {
		colour, verdict = diffRed, "the dialogues differ"
	}
	t.line(colour, "%s: %s", verdict, strings.Join(parts, ", "))
	return t.err
}

func shortTime(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d us", d.Microseconds())
	}
	return fmt.Sprintf("%.2f ms", shell.Milliseconds(d))
}

func change(a, b time.Duration) string {
	return fmt.Sprintf("%+.0f%%", 100*(float64(b)-float64(a))/float64(a))
}
