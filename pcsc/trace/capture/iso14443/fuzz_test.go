package iso14443

import (
	"bytes"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// FuzzISO14443 hears packets that are anything. What is said must have the lengths that APDUs have,
// and times that don't go back; and what is said of an exchange must be what a Speaker's packets
// for the same exchange say.
func FuzzISO14443(f *testing.F) {
	f.Add([]byte("\xFE\x08\x02\x00\xA4\x04\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, script []byte) {
		var l Listener
		var last time.Duration
		for now := time.Duration(0); len(script) >= 2; now++ {
			event, n := Event(script[0]|0xF8), min(int(script[1]), len(script)-2)
			frame := script[2 : 2+n]
			script = script[2+n:]
			if event == ToCard || event == FromCard { // half of the sums are right
				if crc := CRCA(frame); n%2 == 0 {
					frame = append(bytes.Clone(frame), byte(crc), byte(crc>>8))
				}
			}
			if err := l.Hear(Packet{Event: event, Frame: frame}, now); err != nil {
				return
			}
			for h, more := l.Next(); more; h, more = l.Next() {
				if h.Begin > h.End || h.Begin < last || h.End > now {
					t.Fatalf("times %d to %d after %d at %d", h.Begin, h.End, last, now)
				}
				last = h.Begin
				if len(h.Command) > apdu.MaxCommand || len(h.Answer) > pcsc.MaxResponse {
					t.Fatalf("%d and %d bytes", len(h.Command), len(h.Answer))
				}
				if h.Kind == Exchange && h.Answered {
					checkSpeaker(t, h.Command, h.Answer)
				}
			}
		}
	})
}

func checkSpeaker(t *testing.T, command, answer []byte) {
	t.Helper()
	var l Listener
	s := Speaker{Emit: func(p Packet) error { return l.Hear(p, 0) }}
	for _, fault := range []error{s.Activate(), s.Command(command), s.Answer(answer)} {
		if fault != nil {
			t.Fatal(fault)
		}
	}
	h, _ := l.Next()
	if !h.Answered || !bytes.Equal(h.Command, command) || !bytes.Equal(h.Answer, answer) {
		t.Fatalf("%X and %X became %X and %X", command, answer, h.Command, h.Answer)
	}
}
