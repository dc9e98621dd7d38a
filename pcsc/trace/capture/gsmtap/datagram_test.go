package gsmtap

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
)

// sim returns a packet with a VERIFY, changed at some bytes; Ethernet has 14, IPv4 20, UDP 8.
func sim(t testing.TB, changes ...int) []byte {
	t.Helper()
	packet, err := Append(nil, APDU, []byte{0, 0x20, 0, 0x80, 1, 0x11}, []byte{0x90, 0})
	if err != nil {
		t.Fatal(err)
	}
	for ; len(changes) >= 2; changes = changes[2:] {
		packet[changes[0]] = byte(changes[1])
	}
	return packet
}

func TestParseTellsWhatIsForeign(t *testing.T) {
	for _, tt := range []struct {
		name   string
		link   int
		packet []byte
		want   string
	}{
		{"a link header cut off", LinkEthernet, sim(t)[:13], "shorter than their link header"},
		{"a VLAN tag cut off", LinkEthernet, sim(t, 12, 0x81, 13, 0)[:16], "shorter than their link"},
		{"ARP", LinkEthernet, sim(t, 12, 8, 13, 6), "other protocols than IPv4"},
		{"IPv6", LinkEthernet, sim(t, 12, 0x86, 13, 0xDD), "IPv6"},
		{"IPv6 without a link", LinkRaw, sim(t, 14, 0x60)[14:], "other protocols than IPv4"},
		{"nothing", LinkRaw, nil, "other protocols than IPv4"},
		{"TCP", LinkEthernet, sim(t, 14+9, 6), "other protocols than UDP"},
		{"a fragment", LinkEthernet, sim(t, 14+6, 0x20), "IPv4 fragments"},
		{"a last fragment", LinkEthernet, sim(t, 14+7, 0x02), "IPv4 fragments"},
		{"another port", LinkEthernet, sim(t, 14+20+3, 0x78), "other ports than 4729"},
		{"an IPv4 header cut off", LinkRaw, sim(t)[14:30], "damaged IPv4"},
		{"GSMTAP of the air interface", LinkEthernet, sim(t, 14+20+8+2, 1), "other types than SIM"},
		{"a log line", LinkEthernet, AppendLog(nil, "tear 1"), LogPackets},
	} {
		_, err := Parse(tt.link, tt.packet)
		var foreign *ForeignError
		if !errors.As(err, &foreign) || !strings.Contains(foreign.What, tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestParseTellsWhatIsDamaged(t *testing.T) {
	for _, tt := range []struct {
		name   string
		packet []byte
		want   string
	}{
		{"an IPv4 length beyond the packet", sim(t, 14+2, 1), "byte 16: IPv4 length says"},
		{"a packet cut off", sim(t)[:60], "byte 16: IPv4 length says"},
		{"a UDP length beyond the packet", sim(t, 14+20+4, 1), "byte 38: UDP length says"},
		{"a UDP length below its header", sim(t, 14+20+5, 7), "byte 38: UDP length says 7"},
		{"no room for a GSMTAP header", sim(t, 14+20+5, 23), "byte 42: 15 bytes"},
		{"another version", sim(t, 42, 3), "byte 42: version 3"},
		{"a short header", sim(t, 43, 3), "byte 43: header of 12 bytes"},
		{"a header beyond the packet", sim(t, 43, 7), "byte 43: header of 28 bytes"},
	} {
		_, err := Parse(LinkEthernet, tt.packet)
		if !errors.Is(err, ErrPacket) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestParseReadsEveryLink(t *testing.T) {
	packet := sim(t)
	ip := packet[14:]
	tagged := slices.Concat(packet[:12], []byte{0x81, 0, 0, 5}, packet[12:])
	padded := slices.Concat(packet, make([]byte, 7))
	sll := slices.Concat(make([]byte, 14), []byte{8, 0}, ip)
	sll2 := slices.Concat([]byte{8, 0}, make([]byte, 18), ip)
	loop := slices.Concat([]byte{0, 0, 0, 2}, ip)
	for _, tt := range []struct {
		name   string
		link   int
		packet []byte
	}{
		{"Ethernet", LinkEthernet, packet},
		{"a VLAN", LinkEthernet, tagged},
		{"padding", LinkEthernet, padded},
		{"raw IP", LinkRaw, ip},
		{"IPv4", LinkIPv4, ip},
		{"Linux cooked", LinkSLL, sll},
		{"Linux cooked v2", LinkSLL2, sll2},
		{"BSD loopback", LinkNull, loop},
		{"OpenBSD loopback", LinkLoop, loop},
	} {
		m, err := Parse(tt.link, tt.packet)
		if err != nil || m.SubType != APDU || len(m.Payload) != 8 {
			t.Errorf("%s: %+v, %v", tt.name, m, err)
		}
	}
}

func TestAppendWritesChecksums(t *testing.T) {
	packet, err := Append(nil, APDU, []byte{1, 2, 3, 4, 5}, []byte{0x90, 0})
	if err != nil {
		t.Fatal(err)
	}
	if sum := fold(0, packet[14:34]); sum != 0xFFFF {
		t.Errorf("IPv4 checksum: the sum is %04X", sum)
	}
	udp := packet[34:]
	pseudo := uint32(fold(0, packet[26:34])) + protoUDP + uint32(binary.BigEndian.Uint16(udp[4:]))
	if sum := fold(pseudo, udp); sum != 0xFFFF {
		t.Errorf("UDP checksum: the sum is %04X", sum)
	}
	if _, err := Append(nil, APDU, make([]byte, MaxPayload+1)); !errors.Is(err, ErrPacket) {
		t.Errorf("a payload of %d bytes: %v", MaxPayload+1, err)
	}
}
