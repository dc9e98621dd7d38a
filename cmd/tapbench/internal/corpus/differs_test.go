package corpus_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// differs compares two traces but for declared variation. It returns the first line of the first
// in which they differ and what differs there, or 0.
func differs(kept, made []byte) (line int, what string) {
	a, err := trace.NewReader(bytes.NewReader(kept))
	if err != nil {
		return 1, err.Error()
	}
	b, err := trace.NewReader(bytes.NewReader(made))
	if err != nil {
		return 1, "what is made now: " + err.Error()
	}
	if len(a.Header()) != len(b.Header()) {
		return 1, "another header"
	}
	for n, f := range a.Header() {
		if f != b.Header()[n] {
			return n + 2, fmt.Sprintf("%s is now %q", f.Key, b.Header()[n].Value)
		}
	}
	for {
		x, errA := a.Next()
		y, errB := b.Next()
		switch {
		case errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF):
			return 0, ""
		case errors.Is(errA, io.EOF):
			return a.Line(), "now more follows"
		case errors.Is(errB, io.EOF):
			return x.Line, "now the dialogue ends before"
		case errA != nil || errB != nil:
			return max(a.Line(), 1), errors.Join(errA, errB).Error()
		}
		if what := stepDiffers(x, y); what != "" {
			return x.Line, what
		}
	}
}

// stepDiffers says in what two steps differ.
func stepDiffers(x, y trace.Step) string {
	switch {
	case x.Kind != y.Kind:
		return fmt.Sprintf("%s is now %s", x.Kind, y.Kind)
	case x.Failure != y.Failure:
		return fmt.Sprintf("failure %q is now %q", x.Failure, y.Failure)
	case x.Write != y.Write || x.Took != y.Took:
		return "another number"
	}
	for _, side := range []struct {
		name string
		x, y trace.Message
	}{{"command", x.Command, y.Command}, {"answer", x.Answer, y.Answer}} {
		if a, b := constant(side.x), constant(side.y); a != b {
			return fmt.Sprintf("the %s was\n%s\nand is now\n%s", side.name, a, b)
		}
	}
	return ""
}

// constant writes a message with the lengths of what may vary in place of its bytes. Counters and
// states of the card are marked as varying and don't vary here.
func constant(m trace.Message) string {
	var b strings.Builder
	for _, p := range m {
		switch {
		case p.Mark == trace.Plain, p.Label == decode.Counter.Label(),
			p.Label == decode.ProtocolStatus.Label():
			fmt.Fprintf(&b, "%X ", p.Bytes)
		default:
			fmt.Fprintf(&b, "(%d %s %d) ", p.Mark, p.Label, len(p.Bytes)+p.Len)
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

func TestDiffersSeesWhatIsOutsideOfVariation(t *testing.T) {
	const kept = "# tapbench-apdu v1\ncomment: a\n> 00 84 00 00 02\n< (un 01 02) 90 00\n" +
		"> 00 CA 9F 36 00\n< (atc 01) 90 00\nreset\n"
	for _, row := range []struct {
		name, from, to string
		line           int
	}{
		{"comment", "comment: a", "comment: b", 2},
		{"header", "comment: a\n", "", 1},
		{"command", "00 84 00", "00 84 01", 3},
		{"status word", "(un 01 02) 90 00", "(un 01 02) 69 85", 3},
		{"length of what varies", "un 01 02", "un 01", 3},
		{"label", "un 01", "date 01", 3},
		{"mark", "(un 01 02)", "{un 01 02}", 3},
		{"no mark", "(un 01 02)", "01 02", 3},
		{"counter", "atc 01", "atc 02", 5},
		{"event", "reset", "remove", 7},
		{"shorter", "reset\n", "", 7},
		{"longer", "reset\n", "reset\nreset\n", 7},
		{"failure", "reset\n", "reset\n! removed\n", 7},
		{"not a trace", "reset", "rest", 7},
		{"what varies", "01 02", "AB CD", 0},
		{"nothing", "", "", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			made := strings.Replace(kept, row.from, row.to, 1)
			if line, what := differs([]byte(kept), []byte(made)); line != row.line {
				t.Errorf("line %d, %s, want line %d", line, what, row.line)
			}
		})
	}
}
