package carddata_test

import (
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// berRecords reads the objects of records with somebody else's library for BER.
func berRecords(b *testing.B, list [][]byte) {
	b.Helper()
	count := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, record := range list {
			packet, err := ber.DecodePacketErr(record)
			if err != nil {
				b.Fatal(err)
			}
			count += len(packet.Children)
		}
	}
	if count == 0 {
		b.Fatal("nothing read")
	}
}
