package gsmtap

import (
	"errors"
	"fmt"
)

// Port is the UDP port that GSMTAP is sent to.
const Port = 4729

// SubType says what a packet of type SIM carries.
type SubType byte

// The sub-types that are read and written.
const (
	APDU        SubType = 0x00 // a command, and its answer right behind it
	ATR         SubType = 0x01 // an answer to reset
	PPSRequest  SubType = 0x02
	PPSResponse SubType = 0x03
)

// The fields of the header.
const (
	headerLen = 16
	version   = 2
	typeSIM   = 4

	atVersion = 0
	atLength  = 1
	atType    = 2
	atSlot    = 3
	atSubType = 12
	atAntenna = 13
	atSubSlot = 14
)

// ErrPacket means that a packet is damaged.
var ErrPacket = errors.New("damaged GSMTAP packet")

// LogPackets is what a [ForeignError] calls packets with lines of a log, such as [AppendLog] makes.
const LogPackets = "GSMTAP packets with log lines"

// ForeignError says that a packet is sound and isn't GSMTAP of a SIM.
type ForeignError struct {
	What string // in fixed words, such as "IPv6 packets"
}

// Error returns the words.
func (e *ForeignError) Error() string { return e.What }

// Stream tells senders and their readers apart.
type Stream struct {
	Source, Target         [4]byte // IPv4 addresses
	SourcePort             uint16
	Slot, Antenna, SubSlot byte // of the GSMTAP header
}

// Message is what a GSMTAP packet of type SIM carries.
type Message struct {
	Stream  Stream
	SubType SubType
	Payload []byte
}

// parse takes the GSMTAP header off a UDP payload, which begins at byte at of the packet.
func (m *Message) parse(b []byte, at int) error {
	if len(b) < headerLen {
		return fmt.Errorf("%w: byte %d: %d bytes, the header has %d",
			ErrPacket, at, len(b), headerLen)
	}
	if b[atVersion] != version {
		return fmt.Errorf("%w: byte %d: version %d, want %d",
			ErrPacket, at+atVersion, b[atVersion], version)
	}
	n := int(b[atLength]) * 4
	if n < headerLen || n > len(b) {
		return fmt.Errorf("%w: byte %d: header of %d bytes, want %d to %d",
			ErrPacket, at+atLength, n, headerLen, len(b))
	}
	if b[atType] == typeLog {
		return &ForeignError{What: LogPackets}
	}
	if b[atType] != typeSIM {
		return &ForeignError{What: "GSMTAP packets of other types than SIM"}
	}
	m.Stream.Slot = b[atSlot]
	m.Stream.Antenna, m.Stream.SubSlot = b[atAntenna], b[atSubSlot]
	m.SubType = SubType(b[atSubType])
	m.Payload = b[n:]
	return nil
}

// appendHeader appends the header of a packet.
func appendHeader(dst []byte, kind byte, sub SubType) []byte {
	var header [headerLen]byte
	header[atVersion] = version
	header[atLength] = headerLen / 4
	header[atType] = kind
	header[atSubType] = byte(sub)
	return append(dst, header[:]...)
}
