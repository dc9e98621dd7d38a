package general_test

import (
	"bytes"
	"testing"

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
