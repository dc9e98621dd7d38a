package apdu_test

import (
	"testing"

	"tapbench/pcsc/apdu"
)

// BenchmarkParseCommand parses a SELECT by name of 13 bytes; the baseline stands in
// baseline_test.go.
func BenchmarkParseCommand(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		raw := unhex(b, "00 A4 04 00 07 A0 00 00 00 04 10 10 00")
		b.ReportAllocs()
		for b.Loop() {
			if _, err := apdu.ParseCommand(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", baselineParseCommand)
}
