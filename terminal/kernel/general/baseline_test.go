package general_test

import (
	"encoding/binary"
	"testing"
)

// readAll reads commands and answers in turns: header, Lc and data of the one, the objects and the
// status word of the other.
func readAll(b *testing.B, raw [][]byte) {
	b.Helper()
	sum := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := 0; i < len(raw); i += 2 {
			command, answer := raw[i], raw[i+1]
			sum += int(command[1])
			if len(command) > 5 {
				sum += len(command[5 : 5+int(command[4])])
			}
			end := len(answer) - 2
			sum += int(binary.BigEndian.Uint16(answer[end:]))
			if end > 0 && (answer[0] == 0x70 || answer[0] == 0x77 || answer[0] == 0x6F) {
				sum += readObjects(answer[:end])
			}
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
