package carddata_test

import (
	"testing"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/general/carddata"
)

// Of records that are taken no object is there twice, and none is lost.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x70\x00"), []byte("\x70\x03\x5A\x01\x00"))
	f.Add([]byte("\x70\x03\x5A\x01\x00"), []byte("\x70\x03\x5A\x01\x00"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var o carddata.Objects
		file := emv.File{SFI: 1, First: 1, Last: 2, Signed: 2}
		if walk(&o, file, [][]byte{one, two}) != nil {
			return
		}
		seen, count := map[tlv.Tag]bool{}, 0
		for _, record := range [][]byte{one, two} {
			body, err := tlv.Find(record, emv.TagRecord)
			if err != nil {
				t.Fatal(err)
			}
			r := tlv.NewReader(body)
			for {
				e, err := r.Next()
				if err != nil {
					break
				}
				if seen[e.Tag] && !e.Tag.Constructed() {
					t.Fatalf("%s is there twice", e.Tag)
				}
				seen[e.Tag] = true
				count++
			}
		}
		if len(o.All()) != count {
			t.Fatalf("%d objects kept of %d", len(o.All()), count)
		}
	})
}
