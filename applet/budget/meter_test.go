package budget_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/budget"
	"tapbench/pcsc/trace"
)

// The commands of a tap, as short as can be, each with its answer.
const (
	selectPPSE    = "> 00 A4 04 00 0E 32 50 41 59 2E 53 59 53 2E 44 44 46 30 31 00\n< 90 00\n"
	selectPayment = "> 00 A4 04 00 0A F0 54 41 50 42 45 4E 43 48 02 00\n< 90 00\n"
	selectOther   = "> 00 A4 04 00 0A F0 54 41 50 42 45 4E 43 48 01 00\n< 90 00\n"
	options       = "> 80 A8 00 00 02 83 00 00\n< 90 00\n"
	readRecord    = "> 00 B2 01 0C 00\n< 70 00 90 00\n"
	generateAC    = "> 80 AE 80 00 00\n< 90 00\n"
)

// took says how long the exchange before it took.
func took(us int) string { return fmt.Sprintf("took %d us\n", us) }

func measure(t testing.TB, text string) *budget.Meter {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(trace.Magic + "\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	m := budget.NewMeter()
	for {
		step, err := r.Next()
		if errors.Is(err, io.EOF) {
			return m
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Step(step)
	}
}

func limits(t testing.TB, lines ...string) []budget.Limit {
	t.Helper()
	l, err := budget.Parse(strings.NewReader(budget.Magic + "\n" + strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const tap = selectPPSE + selectPayment + options + readRecord + readRecord + generateAC

func TestCheck(t *testing.T) {
	for _, row := range []struct {
		name, text, limit string
		verdict           budget.Verdict
		measured          int64
		line              int
	}{
		{"nothing", "", "tap apdus 1", budget.Absent, 0, 0},
		{"another command", tap, `command "GET DATA" bytes 9`, budget.Absent, 0, 0},
		{"no time", tap, "tap time 1 s", budget.Untimed, 0, 2},
		{
			"no time and too much of it", selectPPSE + took(500) + selectPayment, "tap time 400 us",
			budget.Exceeded, 500, 2,
		},
		{
			"one without a time", readRecord + took(5) + readRecord, `command "READ RECORD" time 9 us`,
			budget.Untimed, 5, 5,
		},
		{"too long", readRecord + took(5), `command "READ RECORD" time 4 us`, budget.Exceeded, 5, 2},
		{
			"the dearest run", readRecord + took(5) + readRecord + took(7) + readRecord + took(6),
			`command "READ RECORD" time 7 us`, budget.Kept, 7, 5,
		},
		{
			"a command of nobody", "> 80 79 00 00\n< 90 00\n", `command "80 79" bytes 5`,
			budget.Exceeded, 6, 2,
		},
		{"bytes both ways", readRecord, `command "READ RECORD" bytes 8`, budget.Exceeded, 9, 2},
		{"bytes to the card", readRecord, `command "READ RECORD" sent 5`, budget.Kept, 5, 2},
		{"bytes from the card", readRecord, `command "READ RECORD" received 3`, budget.Exceeded, 4, 2},
		{"runs in a tap", tap + tap, `command "READ RECORD" runs 2`, budget.Kept, 2, 2},
		{
			"runs in the dearest tap",
			tap + selectPPSE + selectPayment + options + readRecord + readRecord + readRecord,
			`command "READ RECORD" runs 2`, budget.Exceeded, 3, 14,
		},
		{"runs without a tap", selectOther + selectOther, `command "SELECT" runs 1`, budget.Exceeded, 2, 2},
		{"a tap", tap, "tap apdus 6", budget.Kept, 6, 2},
		{"two taps", tap + tap, "tap apdus 6", budget.Kept, 6, 2},
		{"the dearer tap", tap + selectPPSE + tap, "tap apdus 6", budget.Exceeded, 7, 14},
		{"a reset ends a tap", tap + "reset\n" + options + readRecord, "tap apdus 6", budget.Kept, 6, 2},
		{
			"what comes before a tap", selectOther + "> 00 B2 01 0C 00\n! comm\n" + "reset\n" + options,
			"tap apdus 1", budget.Kept, 1, 7,
		},
		{"a phase", tap + tap, "phase reading apdus 2", budget.Kept, 2, 8},
		{"a phase beyond", tap, "phase reading apdus 1", budget.Exceeded, 2, 8},
		{"a phase that isn't there", tap, "phase attestation apdus 1", budget.Absent, 0, 0},
		{
			"answers in pieces", "> 00 B2 01 0C 00\n< 61 02\n> 00 C0 00 00 02\n< 70 00 90 00\n",
			`command "READ RECORD" apdus 1`, budget.Exceeded, 2, 2,
		},
		{
			"a wrong Le", "> 00 B2 01 0C 00\n< 6C 02\n> 00 B2 01 0C 02\n< 70 00 90 00\n",
			`command "READ RECORD" apdus 1`, budget.Exceeded, 2, 2,
		},
		{
			"another record behind a wrong Le",
			"> 00 B2 01 0C 00\n< 6C 02\n> 00 B2 02 0C 02\n< 70 00 90 00\n",
			`command "READ RECORD" apdus 1`, budget.Kept, 1, 2,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := limits(t, row.limit)
			got := measure(t, row.text).Check(l)
			want := []budget.Result{
				{Limit: l[0], Verdict: row.verdict, Measured: row.measured, Line: row.line},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
		})
	}
}

// What Limits writes, the dialogue keeps, and one less it doesn't.
func TestLimits(t *testing.T) {
	text := strings.ReplaceAll(tap, "90 00\n", "90 00\n"+took(120))
	made := measure(t, text).Limits()
	if len(made) < 10 {
		t.Fatalf("%d limits: %v", len(made), made)
	}
	for n, r := range measure(t, text).Check(made) {
		if r.Verdict != budget.Kept || r.Measured != made[n].Most {
			t.Errorf("%v: %v with %d", made[n], r.Verdict, r.Measured)
		}
		made[n].Most--
	}
	for n, r := range measure(t, text).Check(made) {
		if r.Verdict != budget.Exceeded {
			t.Errorf("%v: %v with %d", made[n], r.Verdict, r.Measured)
		}
	}
}

func TestMargin(t *testing.T) {
	got := budget.WithMargin(limits(t, "tap time 101 us", "tap bytes 101", "tap apdus 7"), 10)
	want := []string{"tap time 120 us", "tap bytes 112", "tap apdus 7"}
	for n, l := range got {
		if l.String() != want[n] {
			t.Errorf("got %v, want %v", l, want[n])
		}
	}
	one, other := limits(t, "tap bytes 5", "tap apdus 7"), limits(t, "tap bytes 9", "tap sent 1")
	widest := budget.Widest(one, other)
	if text := fmt.Sprint(widest); text != "[tap bytes 9 tap apdus 7 tap sent 1]" {
		t.Errorf("the widest: got %s", text)
	}
}
