package jcardsim_test

import (
	"testing"
	"time"

	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/wire"
)

// BenchmarkTransmit sends the cheapest command (GET DATA, life cycle) to a card with keys over the
// pipe; its baseline is what the simulator itself needs for it, measured around it in Java. The
// figure beside them is what the pipe and the look for a change of the state add; its goal is
// 150 µs.
func BenchmarkTransmit(b *testing.B) {
	machine := jcardsimtest.Machine(b)
	card, err := machine.New()
	if err != nil {
		b.Fatal(err)
	}
	conformance.NewHost(b, connect(b, card)).Advance(conformance.Armed)
	command := []byte{
		0x00, byte(wire.InsGetData), byte(wire.DataLifeCycle >> 8), byte(wire.DataLifeCycle & 0xFF), 1,
	}
	send := func(b *testing.B, n int) (simulated time.Duration) {
		b.Helper()
		if _, err := machine.Simulated(); err != nil {
			b.Fatal(err)
		}
		for range n {
			if answer := card.Process(command); len(answer) != 3 {
				b.Fatalf("got %x", answer)
			}
		}
		simulated, err := machine.Simulated()
		if err != nil {
			b.Fatal(err)
		}
		return simulated
	}
	send(b, 1000) // Java compiles what it runs often
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		start := time.Now()
		simulated := send(b, b.N)
		added := time.Since(start) - simulated
		b.ReportMetric(float64(added.Microseconds())/float64(b.N), "µs-added/op")
	})
	b.Run("baseline", func(b *testing.B) {
		simulated := send(b, b.N)
		b.ReportMetric(float64(simulated.Nanoseconds())/float64(b.N), "ns/op")
	})
}
