package iso14443

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// LinkType is LINKTYPE_ISO_14443, the number of such packets in pcap and pcapng files.
const LinkType = 264

// Event says what a packet is, as the second byte of its pseudo-header.
type Event byte

// The events. Frames whose CRC was dropped end with their last byte of data.
const (
	FromCardNoCRC Event = 0xFB
	ToCardNoCRC   Event = 0xFA
	FieldOn       Event = 0xFC
	FieldOff      Event = 0xFD
	ToCard        Event = 0xFE
	FromCard      Event = 0xFF
)

// Direction returns whether the event is a frame to the card, and whether it is a frame at all.
func (e Event) Direction() (toCard, frame bool) {
	switch e {
	case ToCard, ToCardNoCRC:
		return true, true
	case FromCard, FromCardNoCRC:
		return false, true
	case FieldOn, FieldOff:
		return false, false
	default:
		return false, false
	}
}

// headerLen is the length of the pseudo-header in bytes.
const headerLen = 4

// ErrPacket means that bytes aren't a packet of link type 264.
var ErrPacket = errors.New("not an ISO 14443 packet")

// Packet is a packet without its pseudo-header.
type Packet struct {
	Event Event
	Frame []byte // nothing for the events of the field; 0 to 65,535 bytes
}

// ParsePacket takes the pseudo-header off. Frame aliases b. The error wraps [ErrPacket] and says at
// which byte of the packet it is wrong.
func ParsePacket(b []byte) (Packet, error) {
	if len(b) < headerLen {
		return Packet{}, fmt.Errorf("%w: %d bytes, the pseudo-header has 4", ErrPacket, len(b))
	}
	if b[0] != 0 {
		return Packet{}, fmt.Errorf("%w: byte 0: version %d, want 0", ErrPacket, b[0])
	}
	p := Packet{Event: Event(b[1]), Frame: b[headerLen:]}
	if _, frame := p.Event.Direction(); !frame && p.Event != FieldOn && p.Event != FieldOff {
		return Packet{}, fmt.Errorf("%w: byte 1: event %02X, want FA to FF", ErrPacket, b[1])
	}
	if n := int(binary.BigEndian.Uint16(b[2:])); n != len(p.Frame) {
		return Packet{}, fmt.Errorf("%w: byte 2: length says %d bytes, %d follow",
			ErrPacket, n, len(p.Frame))
	}
	return p, nil
}

// AppendPacket appends a packet with its pseudo-header. A frame has at most 65,535 bytes; the error
// wraps [ErrPacket] for a longer one, and dst is returned as it was.
func AppendPacket(dst []byte, p Packet) ([]byte, error) {
	if len(p.Frame) > 0xFFFF {
		return dst, fmt.Errorf("%w: frame of %d bytes", ErrPacket, len(p.Frame))
	}
	dst = append(dst, 0, byte(p.Event))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(p.Frame)&0xFFFF))
	return append(dst, p.Frame...), nil
}
