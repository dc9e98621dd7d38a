package message_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// The lengths of PROTOCOL.md. A card allocates by them.
func TestSizes(t *testing.T) {
	for _, row := range []struct {
		name                           string
		body, want, sealed, wantSealed int
	}{
		{"aid-req", message.Size[message.AIDRequest](), 123, message.SealedLen(123), 209},
		{"aid-rep", message.Size[message.AIDReply](), 135, message.SealedLen(135), 225},
		{"aid-keys", message.Size[message.AIDKeys](), 640, message.SealedLen(640), 737},
		{"aid-grant", message.Size[message.AIDGrant](), 167, message.SealedLen(167), 257},
		{"tid-reg", message.Size[message.TIDRegister](), 205, message.SealedLen(205), 289},
		{"tid-rep", message.Size[message.TIDReply](), 75, message.SealedLen(75), 161},
		{"binfo", message.Size[message.BINFO](), 295, message.SealedLen(295), 385},
		{"tsminfo", message.Size[message.TSMINFO](), 175, 0, 0},
		{"tid-status", message.Size[message.TIDStatus](), 200, 0, 0},
		{"card-req", message.Size[message.CardRequest](), 205, 0, 0},
		{"card-put", message.Size[message.CardPut](), 118, 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.body != row.want {
				t.Errorf("body: got %d bytes, want %d", row.body, row.want)
			}
			if row.wantSealed != 0 && row.sealed != row.wantSealed {
				t.Errorf("sealed: got %d bytes, want %d", row.sealed, row.wantSealed)
			}
		})
	}
	if message.BINFOLen != wire.PointLen+385+2+message.MaxEvidence+16 {
		t.Errorf("BINFO: %d bytes", message.BINFOLen)
	}
}
