//go:build cgo

package pcscd_test

import (
	"context"
	"slices"
	"testing"

	"tapbench/pcsc/pcscd"
)

func TestBaselineLink(t *testing.T) {
	d := service(t)
	open(t, d)
	l := lay(t, d, freeSlot(t), &fakeCard{})
	mute := lay(t, d, freeSlot(t), &fakeCard{process: func([]byte) []byte { return []byte{0x90} }})
	for name, test := range map[string]struct {
		reader  string
		command []byte
		n       int
	}{
		"no reader":      {"", selecting, 1},
		"no such reader": {"none", selecting, 1},
		"no command":     {l.reader, nil, 1},
		"no exchange":    {l.reader, selecting, 0},
		"no status word": {mute.reader, selecting, 1},
	} {
		t.Run(name, func(t *testing.T) {
			durations, err := pcscd.BaselineLink(test.reader, test.command, test.n)
			if err == nil || durations != nil {
				t.Errorf("got %v, %v, want an error", durations, err)
			}
		})
	}
	durations, err := pcscd.BaselineLink(l.reader, selecting, 10)
	if err != nil || len(durations) != 10 || slices.Min(durations) <= 0 {
		t.Errorf("got %v, %v, want ten durations", durations, err)
	}
	if n := l.card.count("command"); n != 10 {
		t.Errorf("%d commands reached the card, want 10", n)
	}
}

// BenchmarkExchange is one short exchange over pcscd and the virtual reader: the binding alone,
// then with this package around it. Both near 0.1 ms; 44 ms would mean that TCP_QUICKACK is
// missing.
func BenchmarkExchange(b *testing.B) {
	d := service(b)
	client := open(b, d)
	l := lay(b, d, freeSlot(b), &fakeCard{})
	b.Run("bare", func(b *testing.B) {
		if _, err := pcscd.BaselineLink(l.reader, selecting, b.N); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("card", func(b *testing.B) {
		card := connect(b, client, l, pcscd.ConnectOptions{})
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		for b.Loop() {
			if _, err := card.Transmit(ctx, selecting); err != nil {
				b.Fatal(err)
			}
		}
	})
}
