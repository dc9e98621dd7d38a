package tlv_test

import (
	"testing"

	"tapbench/pcsc/tlv"
)

// BenchmarkWalk walks a record of 250 bytes down to its innermost objects; the baseline stands in
// baseline_test.go.
func BenchmarkWalk(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		raw := record(b)
		objects := 0
		visit := func(tlv.Element, int) error { objects++; return nil }
		b.ReportAllocs()
		for b.Loop() {
			if err := tlv.Walk(raw, visit); err != nil {
				b.Fatal(err)
			}
		}
		if objects != b.N*10 {
			b.Fatalf("saw %d objects in %d walks", objects, b.N)
		}
	})
	b.Run("baseline", baselineWalk)
}
