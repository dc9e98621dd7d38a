package vpcd_test

import (
	"net"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

// BenchmarkTransmit is one short exchange between both ends over loopback, without pcscd.
func BenchmarkTransmit(b *testing.B) {
	listener, err := vpcd.Listen(b.Context(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	var dialer net.Dialer
	conn, err := dialer.DialContext(b.Context(), "tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	served := running(func() error { return vpcd.Serve(b.Context(), conn, silentCard{}) })
	card, err := listener.Accept(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	command := []byte{0x00, 0xA4, 0x04, 0x00}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := card.Transmit(b.Context(), command); err != nil {
			b.Fatal(err)
		}
	}
	if err := card.Close(); err != nil {
		b.Fatal(err)
	}
	checkError(b, <-served, pcsc.ErrNoReader)
}

// silentCard answers 9000 and keeps nothing.
type silentCard struct{}

func (silentCard) ATR() []byte           { return []byte{0x3B, 0x81, 0x01} }
func (silentCard) PowerOn()              {}
func (silentCard) PowerOff()             {}
func (silentCard) Reset()                {}
func (silentCard) Process([]byte) []byte { return []byte{0x90, 0x00} }
