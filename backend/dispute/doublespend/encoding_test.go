package doublespend_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

func TestDecodeRefuses(t *testing.T) {
	w := newWorld(t, 20)
	good := doublespend.New(w.token, w.spend(t, 2, 7, 1), w.close(t, 4)).Encode()
	start := 1 + len(wire.Label) + wire.TokenLen
	change := func(at int) []byte {
		bent := bytes.Clone(good)
		bent[at] ^= 0x40
		return bent
	}
	first := 186 // a spend
	if good[start] == byte(wire.SigTokenClose) {
		first = 108
	}
	swapped := append(bytes.Clone(good[:start]), good[start+first:]...)
	swapped = append(swapped, good[start:start+first]...)
	for name, raw := range map[string][]byte{
		"nothing":                   nil,
		"a payment's type":          change(0),
		"another label":             change(1),
		"another type of token":     change(11),
		"another statement":         change(start),
		"statements swapped":        swapped,
		"a byte short":              good[:len(good)-1],
		"a byte too many":           append(bytes.Clone(good), 0),
		"the token alone":           good[:start],
		"one statement":             good[:start+first],
		"half of a statement":       good[:start+50],
		"longer than two meters":    append(bytes.Clone(good), make([]byte, 400)...),
		"a statement of no content": append(bytes.Clone(good[:start]), byte(wire.SigSpend)),
	} {
		if e, err := doublespend.Decode(raw); !errors.Is(err, doublespend.ErrFormat) {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
}

func TestDecodeIsInverse(t *testing.T) {
	w := newWorld(t, 20)
	spend, meter, end := w.spend(t, 2, 7, 1), w.meter(t, 2, 9, 6, 2), w.close(t, 4)
	for _, e := range []doublespend.Evidence{
		doublespend.New(w.token, spend, meter),
		doublespend.New(w.token, end, spend),
		doublespend.New(w.token, meter, end),
		doublespend.New(w.token, meter, w.meter(t, 2, 9, 6, 3)),
		doublespend.New(w.token, spend, spend),
	} {
		got, err := doublespend.Decode(e.Encode())
		check(t, err)
		if diff := cmp.Diff(e, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSizes(t *testing.T) {
	w := newWorld(t, 20)
	for s, want := range map[doublespend.Statement]int{
		w.spend(t, 2, 7, 1): 186, w.meter(t, 2, 9, 6, 2): 214, w.close(t, 4): 108,
	} {
		raw := s.Encode()
		if len(raw) != want {
			t.Errorf("%T has %d bytes, want %d", s, len(raw), want)
		}
	}
	longest := doublespend.New(w.token, w.meter(t, 2, 9, 6, 1), w.meter(t, 2, 9, 6, 2)).Encode()
	if len(longest) != doublespend.MaxLen {
		t.Errorf("two meters make %d bytes, MaxLen is %d", len(longest), doublespend.MaxLen)
	}
}

// FuzzDecode: what decodes encodes to the same bytes, and without the TSM's signature it is no
// evidence.
func FuzzDecode(f *testing.F) {
	w := newWorld(f, 20)
	spend, meter, end := w.spend(f, 2, 7, 1), w.meter(f, 2, 9, 6, 2), w.close(f, 4)
	f.Add(doublespend.New(w.token, spend, meter).Encode())
	f.Add(doublespend.New(w.token, meter, end).Encode())
	f.Add(doublespend.New(w.token, end, spend).Encode())
	f.Add(message.Prefix(wire.MsgDoubleSpend))
	other := newSigner(f).public
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := doublespend.Decode(raw)
		if err != nil {
			if !errors.Is(err, doublespend.ErrFormat) {
				t.Errorf("without a name: %v", err)
			}
			return
		}
		if !bytes.Equal(e.Encode(), raw) {
			t.Errorf("%x encodes to %x", raw, e.Encode())
		}
		if found, err := e.Check(other); err == nil {
			t.Errorf("units %v by a TSM that signed nothing", found)
		}
	})
}
