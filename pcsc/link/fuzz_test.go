package link_test

import (
	"bytes"
	"errors"
	"testing"

	"tapbench/pcsc/link"
)

func FuzzATS(f *testing.F) {
	f.Add([]byte{0x05, 0x78, 0x80, 0x80, 0x02})
	f.Add([]byte{0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		ats, err := link.ParseATS(b)
		if err != nil {
			if !errors.Is(err, link.ErrATS) {
				t.Error(err)
			}
			return
		}
		if ats.Frame < 16 || ats.Waiting <= 0 || len(ats.ATR()) != len(ats.Historical)+5 {
			t.Errorf("% X: %+v", b, ats)
		}
	})
}

// FuzzFault: a fault that is read is printed as one that is the same.
func FuzzFault(f *testing.F) {
	for _, text := range []string{"tear-answer@3:17", "delay@4:50ms", "drop@12", "flip-command@1:-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := link.ParseFault(text)
		if err != nil {
			return
		}
		again, err := link.ParseFault(fault.String())
		if err != nil || again != fault || fault.Exchange < 1 || fault.At < 0 || fault.For < 0 {
			t.Errorf("%q: %+v, then %+v, %v", text, fault, again, err)
		}
	})
}

// FuzzProcess: whatever a host sends, a card sees it as it was sent or not at all, class FF never
// behind a reader that answers it itself; and who was lost is back in the next field.
func FuzzProcess(f *testing.F) {
	f.Add([]byte{0xFF, 0xCA, 0, 0, 0}, byte(1))
	f.Add([]byte{0xFF, 0x00, 0x40, 0x0E, 4, 0, 0, 0, 0}, byte(1))
	f.Add([]byte{0x80, 0x10, 0, 0, 0, 1, 0}, byte(5))
	f.Add([]byte{}, byte(0))
	f.Fuzz(func(t *testing.T, command []byte, which byte) {
		readers := link.Readers()
		on, card := lay(t, link.Config{Reader: readers[int(which)%len(readers)]})
		sent := bytes.Clone(command)
		answer := on.Process(command)
		if (len(answer) == 0) != (on.Err() != nil) {
			t.Errorf("% X: answered % X, %v", sent, answer, on.Err())
		}
		own := readers[int(which)%len(readers)].Contactless && len(sent) > 0 && sent[0] == 0xFF
		if len(card.seen) > 0 && (own || !bytes.Equal(card.seen[0], sent)) {
			t.Errorf("% X: the card saw % X", sent, card.seen)
		}
		on.PowerOn()
		if answer := on.Process(short(1)); len(answer) == 0 {
			t.Errorf("% X: lost for good: %v", sent, on.Err())
		}
	})
}
