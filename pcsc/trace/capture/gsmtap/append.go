package gsmtap

import (
	"encoding/binary"
	"fmt"
)

// MaxPayload is the most that fits behind a GSMTAP header in one IPv4 packet.
const MaxPayload = 0xFFFF - minIPv4 - lenUDP - headerLen

// Append appends an Ethernet packet, as loopback interfaces show them: from and to 127.0.0.1, port
// 4729, with both checksums. The error wraps [ErrPacket] for more than [MaxPayload] bytes; dst is
// returned as it was.
func Append(dst []byte, sub SubType, payload ...[]byte) ([]byte, error) {
	if size := sizeOf(payload); size > MaxPayload {
		return dst, fmt.Errorf("%w: %d bytes, at most %d fit", ErrPacket, size, MaxPayload)
	}
	return appendPacket(dst, typeSIM, sub, payload...), nil
}

func sizeOf(payload [][]byte) int {
	size := 0
	for _, p := range payload {
		size += len(p)
	}
	return size
}

// appendPacket appends a packet of any type, whose payload was found to fit.
func appendPacket(dst []byte, kind byte, sub SubType, payload ...[]byte) []byte {
	size := sizeOf(payload)
	dst = append(dst, make([]byte, 12)...) // loopback has no addresses
	dst = binary.BigEndian.AppendUint16(dst, etherIPv4)
	ip := len(dst)
	dst = append(dst, 0x45, 0)
	dst = appendLength(dst, minIPv4+lenUDP+headerLen+size)
	dst = append(dst, 0, 0, 0x40, 0) // don't fragment
	dst = append(dst, 64, protoUDP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	binary.BigEndian.PutUint16(dst[ip+10:], ^fold(0, dst[ip:]))

	udp := len(dst)
	dst = binary.BigEndian.AppendUint16(dst, Port)
	dst = binary.BigEndian.AppendUint16(dst, Port)
	dst = appendLength(dst, lenUDP+headerLen+size)
	dst = append(dst, 0, 0)
	dst = appendHeader(dst, kind, sub)
	for _, p := range payload {
		dst = append(dst, p...)
	}
	binary.BigEndian.PutUint16(dst[udp+6:], checksumUDP(dst[ip+12:udp], dst[udp:]))
	return dst
}

// appendLength appends a length that was found to fit.
func appendLength(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint16(dst, uint16(n&0xFFFF))
}

// checksumUDP covers the addresses, the protocol, the length and the datagram (RFC 768).
func checksumUDP(addresses, datagram []byte) uint16 {
	sum := uint32(fold(0, addresses)) + protoUDP + uint32(len(datagram)&0xFFFF)
	if v := ^fold(sum, datagram); v != 0 {
		return v
	}
	return 0xFFFF // 0 would say that there is none
}

// fold adds b to sum as 16-bit numbers in ones' complement (RFC 1071).
func fold(sum uint32, b []byte) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return uint16(sum & 0xFFFF)
}
