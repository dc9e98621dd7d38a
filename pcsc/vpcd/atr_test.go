package vpcd

import (
	"encoding/hex"
	"testing"

	"tapbench/pcsc"
)

func TestChosenProtocol(t *testing.T) {
	tests := []struct {
		name, atr string
		want      pcsc.Protocol
	}{
		{"nothing", "", pcsc.ProtocolUnknown},
		{"TS alone", "3B", pcsc.ProtocolUnknown},
		{"TD1 announced and absent", "3B80", pcsc.ProtocolUnknown},
		{"TD1 behind absent TA1", "3B9011", pcsc.ProtocolUnknown},
		{"T=14 alone", "3B800E", pcsc.ProtocolUnknown},
		{"no interface bytes", "3B00", pcsc.ProtocolT0},
		{"TA1 but no TD1", "3B1011", pcsc.ProtocolT0},
		{"TD1 offers T=0 first", "3B800081", pcsc.ProtocolT0},
		{"T=0, T=14 behind it", "3B80800E", pcsc.ProtocolT0},
		{"T=0 and T=1, contactless", "3B80800101", pcsc.ProtocolT1},
		{"TD1 offers T=1", "3B8101", pcsc.ProtocolT1},
		{"TD1 behind TA1, TB1 and TC1", "3BF0112233014444", pcsc.ProtocolT1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			atr, err := hex.DecodeString(test.atr)
			if err != nil {
				t.Fatal(err)
			}
			if got := chosenProtocol(atr); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
