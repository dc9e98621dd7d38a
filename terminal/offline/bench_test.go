package offline_test

import (
	"testing"
)

// BenchmarkPayment compares the terminal's verification of 12.50, 25 units of 0.50, with two bare
// signature checks of the same library. The 25 units are the first, so the chain has 25 steps.
func BenchmarkPayment(b *testing.B) {
	s := newStand(b)
	s.from, s.to = 0, 25
	v, a := s.verifier(b), s.answer(b)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err := v.Payment(s.request, a); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", twoSignatures)
}

// BenchmarkTick compares one tick of a metering commitment with one bare hash of its input.
func BenchmarkTick(b *testing.B) {
	s := newStand(b)
	s.from, s.to = 0, 100
	s.metering()
	s.request.Amount = 5000
	v, a := s.verifier(b), s.answer(b)
	first, second := s.value(b, 1), s.value(b, 2)
	b.Run("ours", func(b *testing.B) {
		m, err := v.Metering(s.request, a)
		must(b, err)
		must(b, m.Tick(first))
		for b.Loop() {
			next := *m // so that each is the second tick
			if err := next.Tick(second); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", oneHash)
}
