package jcardsim_test

import (
	"testing"
	"time"

	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/applet/wire"
)

// BenchmarkTransmit sends the cheapest command (GET DATA, life cycle) to a card with keys over the
// pipe; its baseline is what the simulator itself needs for it, measured around it in Java.
func BenchmarkTransmit(b *testing.B) {
	s := newSending(b)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		s.send(b)
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(s.send(b).Nanoseconds())/float64(b.N), "ns/op")
	})
}

// BenchmarkAdded is what the pipe and the look for a change of the state add to a command: the
// difference of both. The goal is 150,000 ns.
func BenchmarkAdded(b *testing.B) {
	s := newSending(b)
	b.ResetTimer()
	start := time.Now()
	simulated := s.send(b)
	added := time.Since(start) - simulated
	b.ReportMetric(float64(added.Nanoseconds())/float64(b.N), "ns/op")
}

// sending sends one command again and again.
type sending struct {
	machine *jcardsim.Machine
	card    *jcardsim.Card
}

// newSending starts a machine with a card, and has it compile what it runs often.
func newSending(b *testing.B) sending {
	b.Helper()
	machine := jcardsimtest.Machine(b)
	card, err := machine.New()
	if err != nil {
		b.Fatal(err)
	}
	conformance.NewHost(b, connect(b, card)).Advance(conformance.Armed)
	s := sending{machine, card}
	for range 1000 {
		s.once(b)
	}
	return s
}

// send sends b.N commands and returns how long the simulator had them.
func (s sending) send(b *testing.B) time.Duration {
	b.Helper()
	if _, err := s.machine.Simulated(); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		s.once(b)
	}
	simulated, err := s.machine.Simulated()
	if err != nil {
		b.Fatal(err)
	}
	return simulated
}

func (s sending) once(b *testing.B) {
	b.Helper()
	command := []byte{
		0x00, byte(wire.InsGetData), byte(wire.DataLifeCycle >> 8), byte(wire.DataLifeCycle & 0xFF), 1,
	}
	if answer := s.card.Process(command); len(answer) != 3 {
		b.Fatalf("got %x", answer)
	}
}
