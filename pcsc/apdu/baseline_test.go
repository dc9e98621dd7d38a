package apdu_test

import "testing"

// baselineParseCommand is the least that any parser of the same SELECT must do, with the lengths
// picked out by index. It uses nothing of ours.
func baselineParseCommand(b *testing.B) {
	raw := []byte{0x00, 0xA4, 0x04, 0x00, 0x07, 0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10, 0x00}
	b.ReportAllocs()
	var data []byte
	ne := 0
	for b.Loop() {
		lc := int(raw[4])
		if lc == 0 || len(raw) != 5+lc+1 {
			b.Fatal("not a short case 4 command")
		}
		data = raw[5 : 5+lc]
		ne = int(raw[5+lc])
		if ne == 0 {
			ne = 256
		}
	}
	if len(data) != 7 || ne != 256 {
		b.Fatalf("got %d bytes and Ne %d", len(data), ne)
	}
}
