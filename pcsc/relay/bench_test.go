//go:build cgo

package relay_test

import (
	"testing"

	"tapbench/pcsc"
)

// BenchmarkExchange is one short exchange of a program with a card: ours through the relay, with
// two services and a recording; the baseline with the card on the program's own virtual reader. The
// difference is what being recorded costs a program that isn't ours.
func BenchmarkExchange(b *testing.B) {
	s := startServices(b)
	s.await(b, false) // what lay there before is gone
	lay(b, s.real, 0, plain())
	s.await(b, true)
	lay(b, s.private, 1, plain())
	for event, err := range s.client.Watch(b.Context()) {
		if err != nil {
			b.Fatal(err)
		}
		if event.Reader.Name == s.private.ReaderName(1) && event.Reader.Present {
			break
		}
	}
	for _, row := range []struct {
		name string
		slot int
	}{{"ours", 0}, {"baseline", 1}} {
		b.Run(row.name, func(b *testing.B) {
			card, err := s.connect(b, row.slot)
			if err != nil {
				b.Fatal(err)
			}
			defer card.Close()
			exchange(b, card)
		})
	}
}

// exchange sends the shortest command again and again.
func exchange(b *testing.B, card pcsc.Card) {
	b.Helper()
	for b.Loop() {
		if _, err := card.Transmit(b.Context(), []byte{0x00, 0xCA, 0x00, 0x00}); err != nil {
			b.Fatal(err)
		}
	}
}
