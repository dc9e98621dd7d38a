package carddata_test

import (
	"testing"

	"tapbench/terminal/kernel/general/carddata"
)

// BenchmarkRecordWalk reads a card's records into its list of objects; the baseline reads the same
// objects and keeps nothing.
func BenchmarkRecordWalk(b *testing.B) {
	file, list := records(b)
	b.Run("ours", func(b *testing.B) {
		var o carddata.Objects
		b.ReportAllocs()
		for b.Loop() {
			if err := walk(&o, file, list); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) { readRecords(b, list) })
}
