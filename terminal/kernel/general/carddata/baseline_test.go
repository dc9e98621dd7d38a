package carddata_test

import "testing"

func readRecords(b *testing.B, list [][]byte) {
	b.Helper()
	sum := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, record := range list {
			sum += readObjects(record)
		}
	}
	if sum == 0 {
		b.Fatal("nothing read")
	}
}

// readObjects goes through BER-TLV objects, the constructed ones too, and counts them.
func readObjects(raw []byte) int {
	count := 0
	for at := 0; at < len(raw); {
		first := raw[at]
		at++
		if first&0x1F == 0x1F {
			for raw[at]&0x80 != 0 {
				at++
			}
			at++
		}
		length := int(raw[at])
		at++
		if length == 0x81 { // no object here is longer than 255 bytes
			length = int(raw[at])
			at++
		}
		count++
		if first&0x20 != 0 {
			count += readObjects(raw[at : at+length])
		}
		at += length
	}
	return count
}
