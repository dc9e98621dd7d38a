package general_test

import (
	"encoding/binary"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// berParsing reads commands and answers in turns with somebody else's library for BER: the template
// of GET PROCESSING OPTIONS and the objects of each answer. It keeps nothing, and decides nothing.
func berParsing(b *testing.B, raw [][]byte) {
	b.Helper()
	sum := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := 0; i < len(raw); i += 2 {
			command, answer := raw[i], raw[i+1]
			const ins, getProcessingOptions, data = 1, 0xA8, 5
			if command[ins] == getProcessingOptions {
				sum += berObjects(b, command[data:data+int(command[data-1])])
			}
			end := len(answer) - 2
			sum += int(binary.BigEndian.Uint16(answer[end:]))
			if end > 0 {
				sum += berObjects(b, answer[:end])
			}
		}
	}
	if sum == 0 {
		b.Fatal("nothing read")
	}
}

// berObjects counts the objects of a template, itself included.
func berObjects(b *testing.B, raw []byte) int {
	b.Helper()
	packet, err := ber.DecodePacketErr(raw)
	if err != nil {
		b.Fatal(err)
	}
	return countPackets(packet)
}

func countPackets(p *ber.Packet) int {
	count := 1
	for _, child := range p.Children {
		count += countPackets(child)
	}
	return count
}
