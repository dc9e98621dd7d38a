package gsmtap

import (
	"encoding/binary"
	"fmt"
)

// The link types that IPv4 is looked for in, by their numbers in pcap and pcapng files.
const (
	LinkNull     = 0   // BSD loopback
	LinkEthernet = 1   // with or without 802.1Q tags
	LinkRaw      = 101 // IPv4 or IPv6, nothing before it
	LinkLoop     = 108 // OpenBSD loopback
	LinkSLL      = 113 // Linux cooked capture, as of "any" interface
	LinkIPv4     = 228
	LinkSLL2     = 276
)

// Reads reports whether a link type is one of those.
func Reads(link int) bool {
	switch link {
	case LinkNull, LinkEthernet, LinkRaw, LinkLoop, LinkSLL, LinkIPv4, LinkSLL2:
		return true
	default:
		return false
	}
}

// The EtherTypes that are known.
const (
	etherIPv4  = 0x0800
	etherIPv6  = 0x86DD
	etherVLAN  = 0x8100
	etherVLAN2 = 0x88A8
)

// The lengths and fields of IPv4 and UDP headers (RFC 791, RFC 768).
const (
	minIPv4   = 20
	lenUDP    = 8
	protoUDP  = 17
	moreFlag  = 0x2000
	fragments = 0x1FFF
)

// Parse looks for a GSMTAP message of a SIM in a packet of that link type; Payload aliases b. A
// [*ForeignError] says what else the packet is; an error that wraps [ErrPacket] says at which byte
// of the packet it is damaged. Bytes behind the IPv4 packet, as short Ethernet frames have them,
// don't count.
func Parse(link int, b []byte) (Message, error) {
	at, err := skipLink(link, b)
	if err != nil {
		return Message{}, err
	}
	if at == len(b) || b[at]>>4 != 4 {
		return Message{}, &ForeignError{What: "packets of other protocols than IPv4"}
	}
	return parseIPv4(b, at)
}

// skipLink returns where the network packet begins.
func skipLink(link int, b []byte) (int, error) {
	at, kind := 0, 0 // the length of the link header, and where its EtherType stands
	switch link {
	case LinkRaw, LinkIPv4:
		return 0, nil
	case LinkNull, LinkLoop:
		at = 4
	case LinkEthernet:
		at, kind = 14, 12
	case LinkSLL:
		at, kind = 16, 14
	case LinkSLL2:
		at, kind = 20, 0
	default:
		return 0, fmt.Errorf("%w: link type %d", ErrPacket, link)
	}
	if len(b) < at {
		return 0, &ForeignError{What: "packets shorter than their link header"}
	}
	if link == LinkNull || link == LinkLoop {
		return at, nil
	}
	ether := binary.BigEndian.Uint16(b[kind:])
	for link == LinkEthernet && (ether == etherVLAN || ether == etherVLAN2) {
		if len(b) < at+4 {
			return 0, &ForeignError{What: "packets shorter than their link header"}
		}
		ether = binary.BigEndian.Uint16(b[at+2:])
		at += 4
	}
	switch ether {
	case etherIPv4:
		return at, nil
	case etherIPv6:
		return 0, &ForeignError{What: "IPv6 packets"}
	default:
		return 0, &ForeignError{What: "packets of other protocols than IPv4"}
	}
}

// parseIPv4 reads the IPv4 packet that begins at byte at. What can't be seen to be for GSMTAP's
// port is somebody else's, damaged or not.
func parseIPv4(packet []byte, at int) (Message, error) {
	b := packet[at:]
	if len(b) < minIPv4 {
		return Message{}, &ForeignError{What: "damaged IPv4 packets"}
	}
	if b[9] != protoUDP {
		return Message{}, &ForeignError{What: "IPv4 packets of other protocols than UDP"}
	}
	if flags := binary.BigEndian.Uint16(b[6:]); flags&(moreFlag|fragments) != 0 {
		return Message{}, &ForeignError{What: "IPv4 fragments"}
	}
	header, total := int(b[0]&0x0F)*4, int(binary.BigEndian.Uint16(b[2:]))
	if header < minIPv4 || header+lenUDP > len(b) {
		return Message{}, &ForeignError{What: "damaged IPv4 packets"}
	}
	if binary.BigEndian.Uint16(b[header+2:]) != Port {
		return Message{}, &ForeignError{What: "UDP packets to other ports than 4729"}
	}
	if header+lenUDP > total || total > len(b) {
		return Message{}, fmt.Errorf("%w: byte %d: IPv4 length says %d bytes, %d are there",
			ErrPacket, at+2, total, len(b))
	}
	var m Message
	copy(m.Stream.Source[:], b[12:])
	copy(m.Stream.Target[:], b[16:])
	err := m.parseUDP(b[header:total], at+header)
	return m, err
}

// parseUDP reads the UDP datagram that begins at byte at of the packet; its header is there.
func (m *Message) parseUDP(b []byte, at int) error {
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n < lenUDP || n > len(b) {
		return fmt.Errorf("%w: byte %d: UDP length says %d bytes, %d are there",
			ErrPacket, at+4, n, len(b))
	}
	m.Stream.SourcePort = binary.BigEndian.Uint16(b)
	return m.parse(b[lenUDP:n], at+lenUDP)
}
