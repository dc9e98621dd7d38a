package iso14443

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestParsePacketRefuses(t *testing.T) {
	for _, tt := range []struct{ name, packet, want string }{
		{"a header cut off", "\x00\xFE\x00", "3 bytes"},
		{"another version", "\x01\xFE\x00\x00", "byte 0: version 1"},
		{"an unknown event", "\x00\xF0\x00\x00", "byte 1: event F0"},
		{"a frame shorter than it says", "\x00\xFE\x00\x02\x26", "byte 2: length says 2 bytes, 1"},
		{"a frame longer than it says", "\x00\xFE\x00\x00\x26", "byte 2: length says 0 bytes, 1"},
	} {
		_, err := ParsePacket([]byte(tt.packet))
		if !errors.Is(err, ErrPacket) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAppendPacketIsParsedAgain(t *testing.T) {
	for _, p := range []Packet{
		{Event: FieldOn},
		{Event: ToCard, Frame: []byte{0x26}},
		{Event: FromCardNoCRC, Frame: make([]byte, 0xFFFF)},
	} {
		packet, err := AppendPacket(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParsePacket(packet)
		if err != nil || got.Event != p.Event || !bytes.Equal(got.Frame, p.Frame) {
			t.Errorf("event %X became %X, %v", p.Event, got.Event, err)
		}
	}
	if _, err := AppendPacket(nil, Packet{Frame: make([]byte, 0x10000)}); !errors.Is(err, ErrPacket) {
		t.Errorf("a frame of 65,536 bytes: %v", err)
	}
}

func TestHistoricalReadsOnlyContactlessATRs(t *testing.T) {
	for _, tt := range []struct {
		atr, hist string
		ok        bool
	}{
		{"\x3B\x80\x80\x01", "", false},
		{"\x3B\x80\x80\x01\x02", "", false},
		{"\x3B\x65\x00\x00\x41\x42\x43", "", false},
		{"\x3B\x80\x80\x01\x01", "", true},
		{"\x3B\x82\x80\x01\x41\x42\x00", "AB", true},
	} {
		hist, ok := Historical([]byte(tt.atr))
		if ok != tt.ok || ok && string(hist) != tt.hist {
			t.Errorf("%X: %q, %t", tt.atr, hist, ok)
		}
	}
}
