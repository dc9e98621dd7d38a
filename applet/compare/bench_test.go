package compare_test

import (
	_ "embed"
	"strings"
	"testing"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
)

// recordedTap is a payment with a card of terminaltest's.
//
//go:embed testdata/tap.apdu
var recordedTap string

// taps is a trace of so many taps; with other counters and unpredictable numbers, if other is set.
func taps(n int, other bool) string {
	at := strings.Index(recordedTap, "> ")
	body := recordedTap[at:]
	if other {
		body = strings.NewReplacer("5D\n  D0 C6", "5E\n  D0 C6", "5D D0 C6", "5E D0 C6",
			"9F 36 02 00 01", "9F 36 02 00 02").Replace(body)
	}
	return recordedTap[:at] + strings.Repeat(body, n)
}

// BenchmarkTraceDiff compares two traces of 100 taps that differ in what must vary, beside reading
// their lines.
func BenchmarkTraceDiff(b *testing.B) {
	one, other := taps(100, false), taps(100, true)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(one) + len(other)))
		for b.Loop() {
			r1, err := trace.NewReader(strings.NewReader(one))
			if err != nil {
				b.Fatal(err)
			}
			r2, err := trace.NewReader(strings.NewReader(other))
			if err != nil {
				b.Fatal(err)
			}
			s, err := compare.Dialogues(r1, r2, func(compare.Event) error { return nil })
			if err != nil || !s.Agree() || s.Varying == 0 {
				b.Fatalf("got %+v, %v", s, err)
			}
		}
	})
	b.Run("baseline", baselineLines(one, other))
}
