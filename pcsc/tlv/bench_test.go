package tlv_test

import (
	"testing"

	"tapbench/pcsc/tlv"
)

// BenchmarkWalk walks a record of 250 bytes down to its innermost objects;
// BenchmarkBaselineWalk in baseline_test.go is what it is measured against.
func BenchmarkWalk(b *testing.B) {
	raw := record(b)
	objects := 0
	visit := func(tlv.Element, int) error { objects++; return nil }
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := tlv.Walk(raw, visit); err != nil {
			b.Fatal(err)
		}
	}
	if objects != b.N*10 {
		b.Fatalf("saw %d objects in %d walks", objects, b.N)
	}
}
