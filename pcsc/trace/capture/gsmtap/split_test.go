package gsmtap

import (
	"encoding/hex"
	"strings"
	"testing"
)

func decode(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSplitRefuses(t *testing.T) {
	for name, payload := range map[string]string{
		"nothing":                        "",
		"a header":                       "00 A4 04 00",
		"a header and half a status":     "00 A4 04 00 90",
		"an invalid SW1":                 "00 A4 04 00 12 34",
		"the null procedure byte as SW1": "00 A4 04 00 00 60 00",
		"more data than Le":              "00 B2 01 0C 01 11 01 33 44 90 00",
		"a command alone":                "00 20 00 80 08 24 12 34 FF FF FF FF FF",
	} {
		if c, a, ok := Split(decode(t, payload)); ok {
			t.Errorf("%s: %X and %X", name, c, a)
		}
	}
}

func TestSplitFindsWhereTheCommandEnds(t *testing.T) {
	zeros := strings.Repeat(" 00", 300)
	for _, tt := range []struct{ name, command, answer string }{
		{"a header alone", "00 70 80 01", "90 00"},
		{"Le", "00 84 00 00 08", "11 22 33 44 55 66 77 88 90 00"},
		{"Le and less data", "00 84 00 00 08", "11 22 90 00"},
		{"Le and an error", "00 B2 01 0C 00", "6A 83"},
		{"Le of 256", "00 B2 01 0C 00", "70 03 57 01 11 90 00"},
		{"data", "00 20 00 80 08 24 12 34 FF FF FF FF FF", "63 C2"},
		{"data of a command that sends", "00 D6 00 00 02 11 22", "90 00"},
		{"data received by one that receives", "00 B0 00 00 02", "11 22 90 00"},
		{"data of an unknown instruction", "80 32 00 00 02 11 22", "90 00"},
		{"data of an unknown instruction that failed", "80 F2 00 00 02 4F 00", "6A 88"},
		{"data to be fetched", "00 B0 00 00 02 11 22", "61 10"},
		{"data and Le", "80 AE 80 00 02 11 22 00", "77 03 9F 36 00 90 00"},
		{"data and Le, no answer", "80 AE 80 00 02 11 22 00", "69 85"},
		{"extended data", "80 E2 00 00 00 01 2C" + zeros, "90 00"},
		{"extended data and Le", "80 2A 00 00 00 01 2C" + zeros + " 00 00", "11 22 33 90 00"},
		{"extended Le", "00 B0 00 00 00 01 2C", zeros + " 90 00"},
		{"SW1 of a SIM", "A0 A4 00 00 02 3F 00", "9F 17"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			command, answer := decode(t, tt.command), decode(t, tt.answer)
			c, a, ok := Split(append(command[:len(command):len(command)], answer...))
			if !ok || string(c) != string(command) || string(a) != string(answer) {
				t.Errorf("%X and %X, want %X and %X", c, a, command, answer)
			}
		})
	}
}

// FuzzGSMTAP reads packets that are anything. A message that is found must be found again in a
// packet that is written of it, and what Split gives must be all of the payload.
func FuzzGSMTAP(f *testing.F) {
	packet, err := Append(nil, APDU, []byte{0, 0xA4, 4, 0}, []byte{0x90, 0})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(LinkEthernet, packet)
	f.Add(LinkIPv4, packet[14:])
	f.Fuzz(func(t *testing.T, link int, packet []byte) {
		m, err := Parse(link, packet)
		if err != nil {
			return
		}
		if !Reads(link) {
			t.Fatalf("link type %d was read", link)
		}
		again, err := Append(nil, m.SubType, m.Payload)
		if err != nil {
			t.Fatal(err)
		}
		n, err := Parse(LinkEthernet, again)
		if err != nil || n.SubType != m.SubType || string(n.Payload) != string(m.Payload) {
			t.Fatalf("%+v became %+v, %v", m, n, err)
		}
		c, a, ok := Split(m.Payload)
		if ok && (len(c) < 4 || len(a) < 2 || string(c)+string(a) != string(m.Payload)) {
			t.Fatalf("%X split into %X and %X", m.Payload, c, a)
		}
	})
}
