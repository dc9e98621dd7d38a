package general_test

import (
	"bytes"
	"testing"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/general"
)

// A script that is read has the commands that its bytes hold, one after the other, and nothing else
// that matters: written again it is read as the same.
func FuzzScript(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x9F\x18\x04\x01\x02\x03\x04\x86\x05\x84\x24\x00\x00\x00"))
	f.Add([]byte("\x86\x04\x84\x1E\x00\x00\x86\x06\x84\x18\x00\x00\x01\x02"))
	f.Fuzz(func(t *testing.T, body []byte) {
		id, commands, err := general.ReadScript(body)
		if err != nil {
			return
		}
		again := tlv.Append(nil, 0x9F18, id[:])
		for _, c := range commands {
			raw, err := c.Encode()
			if err != nil {
				t.Fatal(err)
			}
			again = tlv.Append(again, 0x86, raw)
		}
		same, repeated, err := general.ReadScript(again)
		if err != nil || same != id || len(repeated) != len(commands) {
			t.Fatalf("%X, then %X, %v", id, same, err)
		}
		for i, c := range repeated {
			if !bytes.Equal(c.Data, commands[i].Data) || c.Ne != commands[i].Ne {
				t.Fatalf("command %d: %+v, then %+v", i, commands[i], c)
			}
		}
	})
}

// Of records that are taken no object is there twice, and none is lost.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x70\x00"), []byte("\x70\x03\x5A\x01\x00"))
	f.Add([]byte("\x70\x03\x5A\x01\x00"), []byte("\x70\x03\x5A\x01\x00"))
	f.Fuzz(func(t *testing.T, one, two []byte) {
		var walk general.Walk
		file := emv.File{SFI: 1, First: 1, Last: 2, Signed: 2}
		if walk.Records(file, [][]byte{one, two}) != nil {
			return
		}
		seen, count := map[tlv.Tag]bool{}, 1 // the AIP was there
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
		if walk.Count() != count {
			t.Fatalf("%d objects kept of %d", walk.Count(), count)
		}
	})
}
