package tlv_test

import "testing"

// baselineWalk is a bare index loop over a record of 250 bytes with the same objects, that trusts
// every tag and length. It uses nothing of ours.
func baselineWalk(b *testing.B) {
	raw := make([]byte, 0, 250)
	object := func(length int, head ...byte) {
		raw = append(append(raw, head...), make([]byte, length)...)
	}
	object(0, 0x70, 0x81, 0xF7)
	object(8, 0x5A, 8)
	object(3, 0x5F, 0x24, 3)
	object(96, 0x9F, 0x46, 96)
	object(1, 0x9F, 0x47, 1)
	object(27, 0x8C, 27)
	object(0, 0xBF, 0x0C, 5)
	object(2, 0x9F, 0x4D, 2)
	object(1, 0x9F, 0x4A, 1)
	object(250-len(raw)-3, 0x9F, 0x32, byte(250-len(raw)-3))
	objects := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := 0; i < len(raw); {
			constructed := raw[i]&0x20 != 0
			if raw[i]&0x1F == 0x1F {
				i++
			}
			i++
			length := int(raw[i])
			if length == 0x81 {
				i++
				length = int(raw[i])
			}
			i++
			if !constructed {
				i += length
			}
			objects++
		}
	}
	if objects != b.N*10 {
		b.Fatalf("saw %d objects in %d walks", objects, b.N)
	}
}
