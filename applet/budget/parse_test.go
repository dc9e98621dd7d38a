package budget_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/budget"
	"tapbench/applet/decode"
)

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "line 1, column 1: first line isn't # tapbench-budget v1"},
		{"another version", "# tapbench-budget v2\n", "line 1, column 1: first line isn't"},
		{"no limit", "", "line 2, column 1: the budget has no limit"},
		{"another scope", "card time 1 ms", "line 2, column 1: command, phase or tap expected"},
		{"no name", "command time 1 ms", `line 2, column 9: a command's name in quotation marks`},
		{"an open name", `command "GET DATA time`, "line 2, column 9: the quotation mark isn't closed"},
		{"an empty name", `command "" time 1 ms`, "line 2, column 9: the name of a command expected"},
		{"another phase", "phase five time 1 ms", "line 2, column 7: a phase expected: other, sel"},
		{"another quantity", "tap size 5", "line 2, column 5: time, apdus, bytes, sent or received"},
		{"runs of a phase", "phase reading runs 5", "line 2, column 15: time, apdus, bytes, sent or"},
		{"no quantity", "tap", "line 2, column 4: time, apdus, bytes, sent or received expected"},
		{"no number", "tap apdus", "line 2, column 10: a whole number expected"},
		{"zero", "tap apdus 0", "line 2, column 11: a whole number expected"},
		{"a sign", "tap apdus -1", "line 2, column 11: a whole number expected"},
		{"a leading zero", "tap apdus 01", "line 2, column 11: a whole number expected"},
		{"half a byte", "tap bytes 1.5", "line 2, column 11: a whole number expected"},
		{"too large a number", "tap bytes 1000000000000", "line 2, column 11: a whole number"},
		{"no unit", "tap time 12", "line 2, column 12: us, ms or s expected"},
		{"another unit", "tap time 12 min", "line 2, column 13: us, ms or s expected"},
		{"no space before the unit", "tap time 12ms", "line 2, column 10: a number expected"},
		{"half a microsecond", "tap time 0.0005 ms", "line 2, column 10: whole microseconds"},
		{"no time at all", "tap time 0 ms", "line 2, column 10: a number expected"},
		{"more than a limit", "tap apdus 5 6", "line 2, column 13: nothing more expected"},
		{
			"the same again", "tap apdus 5\n\ntap  apdus 6",
			"line 4, column 1: line 2 has limited this already",
		},
		{"a control character", "tap apdus\x005", "line 2, column 10: printable text expected"},
		{"no UTF-8", "tap apdus 5 # \xFF", "line 2, column 15: printable text expected"},
		{"a long line", strings.Repeat(" ", 1025), "line 2, column 1025: line of more than 1024"},
		{"many lines", strings.Repeat("\n", 10_001), "line 10001, column 1: more than 10000 lines"},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := budget.Magic + "\n" + row.text
			if strings.Contains(row.want, "line 1,") {
				text = row.text
			}
			_, err := budget.Parse(strings.NewReader(text))
			fault := new(budget.SyntaxError)
			if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	const text = budget.Magic + `
# what the applet may cost

command "GENERATE AC" time 120 ms   # each of them
command "GENERATE AC" runs 2
	phase  tsm-account	sent 300
phase initiation received 1
tap time 0.5 s
tap apdus 12
`
	got, err := budget.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []budget.Limit{
		{Line: 4, Name: "GENERATE AC", Quantity: budget.Time, Most: 120_000},
		{Line: 5, Name: "GENERATE AC", Quantity: budget.Runs, Most: 2},
		{
			Line: 6, Scope: budget.Phase, Phase: decode.TSMAccount, Quantity: budget.Sent, Most: 300,
		},
		{
			Line: 7, Scope: budget.Phase, Phase: decode.Initiation, Quantity: budget.Received,
			Most: 1,
		},
		{Line: 8, Scope: budget.Tap, Quantity: budget.Time, Most: 500_000},
		{Line: 9, Scope: budget.Tap, Quantity: budget.APDUs, Most: 12},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

func TestTimesAreWrittenAsTheyAreRead(t *testing.T) {
	for _, us := range []int64{
		1, 999, 1000, 1001, 123_456, 999_999, 1_000_000, 1_230_000, 61_234_567,
		999_999_999_999_999, 1_000_000_000_000_000,
	} {
		text := budget.Append(nil, []budget.Limit{
			{Scope: budget.Tap, Quantity: budget.Time, Most: us},
		})
		got, err := budget.Parse(bytes.NewReader(text))
		if err != nil || got[0].Most != us {
			t.Errorf("%d us: %q is read as %v, %v", us, text, got, err)
		}
	}
}

// FuzzParse: what Parse accepts, Append writes so that Parse reads the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`command "GENERATE AC" time 120 ms`, "phase reading bytes 300 # c", "tap apdus 12",
		"tap time 0.000001 s", "\ttap  sent\t5\r", `command "#" runs 1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		limits, err := budget.Parse(strings.NewReader(budget.Magic + "\n" + text))
		if err != nil {
			fault := new(budget.SyntaxError)
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 {
				t.Errorf("the error has no place: %v", err)
			}
			return
		}
		again, err := budget.Parse(bytes.NewReader(budget.Append(nil, limits)))
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		for n := range limits {
			limits[n].Line, again[n].Line = 0, 0
		}
		if diff := cmp.Diff(limits, again); diff != "" {
			t.Errorf("limits (-first +second):\n%s", diff)
		}
	})
}
