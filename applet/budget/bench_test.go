package budget_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"tapbench/applet/budget"
	"tapbench/pcsc/trace"
)

// BenchmarkTraceCheck measures a trace of 1,000 taps, beside reading its lines.
func BenchmarkTraceCheck(b *testing.B) {
	text := trace.Magic + "\n" + strings.Repeat(tap, 1000)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r, err := trace.NewReader(strings.NewReader(text))
			if err != nil {
				b.Fatal(err)
			}
			m := budget.NewMeter()
			step, err := r.Next()
			for ; err == nil; step, err = r.Next() {
				m.Step(step)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", baselineLines(text))
}
