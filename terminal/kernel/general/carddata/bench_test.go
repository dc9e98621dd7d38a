package carddata_test

import (
	"testing"

	"tapbench/terminal/kernel/general/carddata"
)

// BenchmarkRecordWalk takes a card's records into its list of objects, of which none may be there
// twice. The baseline reads the same records with somebody else's library for BER.
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
	b.Run("baseline", func(b *testing.B) { berRecords(b, list) })
}
