package compare_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
)

func reader(t testing.TB, text string) *trace.Reader {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(trace.Magic + "\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// short tells events in few letters: the kind, both lines, and what isn't the same.
func short(t testing.TB, a, b string) ([]string, compare.Summary) {
	t.Helper()
	var lines []string
	summary, err := compare.Dialogues(reader(t, a), reader(t, b), func(e compare.Event) error {
		if e.Kind == compare.Same {
			return nil
		}
		line := e.Kind.String()
		for _, i := range []*compare.Item{e.A, e.B} {
			if i == nil {
				line += " -"
			} else {
				line += fmt.Sprintf(" %d", i.Line)
			}
		}
		for _, x := range e.Elements {
			line += strings.TrimRight(fmt.Sprintf("; %s %s", x.Verdict, x.Why), " ")
		}
		lines = append(lines, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, summary
}

// ask is a command with P1 n, and its answer.
func ask(n int, answer string) string { return fmt.Sprintf("> 90 10 %02X 00\n< %s\n", n, answer) }

func asks(from, to int) string {
	var s strings.Builder
	for n := from; n < to; n++ {
		s.WriteString(ask(n, "90 00"))
	}
	return s.String()
}

func TestDialogues(t *testing.T) {
	for _, row := range []struct {
		name, a, b string
		want       []string
	}{
		{"one is empty", "", ask(1, "90 00"), []string{"only-b - 2"}},
		{"the other is empty", ask(1, "90 00"), "", []string{"only-a 2 -"}},
		{"another status", ask(1, "90 00"), ask(1, "6A 82"), []string{"differing 2 2; differs"}},
		{"another answer", ask(1, "42 90 00"), ask(1, "43 90 00"), []string{"differing 2 2; differs"}},
		{
			"one is the beginning of the other", asks(1, 3), asks(1, 5),
			[]string{"only-b - 6", "only-b - 8"},
		},
		{"one is missing", asks(1, 5), asks(1, 2) + asks(3, 5), []string{"only-a 4 -"}},
		{"one is new", asks(1, 2) + asks(3, 5), asks(1, 5), []string{"only-b - 4"}},
		{
			"moved", asks(1, 5), asks(2, 5) + asks(1, 2),
			[]string{"moved 2 8"},
		},
		{
			"a failure in place of the answer", ask(1, "90 00"), "> 90 10 01 00\n! removed\n",
			[]string{"differing 2 2; only in A; only in B"},
		},
		{"another event", "reset\n", "remove\n", []string{"only-a 2 -", "only-b - 2"}},
		{"another write", "tear 2\n", "tear 3\n", []string{"differing 2 2; differs"}},
		{
			"what varies is marked in one", ask(1, "(un 01 02) 90 00"), ask(1, "01 03 90 00"),
			[]string{"varying 2 2; varies un"},
		},
		{
			"a stand-in", ask(1, "{pan 01 02} 90 00"), ask(1, "{pan 01 03} 90 00"),
			[]string{"varying 2 2; varies stand-in pan"},
		},
		{
			"what wasn't kept", ask(1, "[pin 2] 90 00"), ask(1, "01 03 90 00"),
			[]string{"varying 2 2; not kept pin"},
		},
		{
			"beside what varies", ask(1, "01 (un 02) 90 00"), ask(1, "09 03 90 00"),
			[]string{"differing 2 2; differs"},
		},
		{
			"of another length", ask(1, "[pin 3] 90 00"), ask(1, "01 03 90 00"),
			[]string{"differing 2 2; differs"},
		},
		{
			"the best partner of several", ask(1, "01 90 00") + ask(1, "02 90 00") + ask(1, "03 90 00"),
			ask(1, "02 90 00") + ask(1, "03 90 00"),
			[]string{"only-a 2 -"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, _ := short(t, row.a, row.b)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDialoguesAgree(t *testing.T) {
	for _, row := range []struct {
		name, a, b string
		want       bool
	}{
		{"another atr", "atr: 3B 00\n", "atr: 3B 01\n", false},
		{"another protocol", "protocol: T=0\n", "protocol: T=1\n", false},
		{"no atr", "atr: 3B 00\n", "", true},
		{"another reader", "reader: one\n", "reader: two\n", true},
		{"another comment", "comment: one\n", "comment: two\n", true},
		{"both empty", "", "", true},
		{"another time", ask(1, "90 00") + "took 5 us\n", ask(1, "90 00") + "took 9 us\n", true},
		{"what varies", ask(1, "(un 01) 90 00"), ask(1, "(un 02) 90 00"), true},
		{"a missing one", asks(0, 2), asks(0, 1), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, s := short(t, row.a, row.b); s.Agree() != row.want {
				t.Errorf("Agree: got %v, want %v: %+v", s.Agree(), row.want, s)
			}
		})
	}
}

func TestDialoguesPassErrorsOn(t *testing.T) {
	broken := reader(t, ask(1, "90 00")+"nonsense\n")
	_, err := compare.Dialogues(reader(t, asks(1, 3)), broken, func(compare.Event) error { return nil })
	fault := new(trace.SyntaxError)
	if !errors.As(err, &fault) || fault.Line != 4 || !strings.HasPrefix(err.Error(), "B: line 4") {
		t.Errorf("a fault in B: got %v", err)
	}
	full := errors.New("full")
	for _, b := range []string{asks(1, 2), asks(7, 8), ""} {
		_, err = compare.Dialogues(reader(t, asks(1, 3)), reader(t, b),
			func(compare.Event) error { return full })
		if !errors.Is(err, full) {
			t.Errorf("a writer that fails: got %v", err)
		}
	}
}

// A trace against itself with its k-th exchange taken out differs in that one alone, whatever the
// window.
func TestOneMissingAtAnyPlace(t *testing.T) {
	const n = 3000
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("> 90 10 %02X %02X\n< 90 00\n", i>>8, i&0xFF)
	}
	for _, k := range []int{0, 1, 511, 512, 1023, 1024, 1025, 2047, n - 1} {
		whole := strings.Join(all, "")
		without := strings.Join(all[:k], "") + strings.Join(all[k+1:], "")
		want := fmt.Sprintf("only-a %d -", 2+2*k)
		if got, _ := short(t, whole, without); len(got) != 1 || got[0] != want {
			t.Errorf("without %d: got %v, want %q", k, got, want)
		}
	}
}
