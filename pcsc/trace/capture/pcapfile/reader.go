package pcapfile

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Packet is a packet of a file.
type Packet struct {
	Number int   // from 1
	Offset int64 // of its block or record
	Link   int   // the link type's number
	// Time is when it was captured, or the zero time if the file doesn't say.
	Time time.Time
	// Data is what was captured, 0 to 262,144 bytes, valid until the next packet is read.
	Data []byte
	// Length is how long the packet was; more than len(Data) if it was cut.
	Length int
	// Comments are its comments.
	Comments []string
}

// The first bytes of the formats, big endian.
const (
	magicNG        = 0x0A0D0D0A
	magicMicro     = 0xA1B2C3D4
	magicNano      = 0xA1B23C4D
	magicMicroSwap = 0xD4C3B2A1
	magicNanoSwap  = 0x4D3CB2A1
	magicGzip      = 0x1F8B
)

// Reader reads a file packet by packet.
type Reader struct {
	source
	lose func(string)
	next func() (Packet, error)

	link  int           // of a pcap file
	units time.Duration // of the fractions of its times

	comment string // of the section of a pcapng file
	faces   []face
}

// NewReader finds out the format and reads the header. lose is told, in fixed words, what is passed
// over. Like every error of a Reader but io.EOF, the error is a [*FileError].
func NewReader(r io.Reader, lose func(what string)) (*Reader, error) {
	f := &Reader{source: source{in: bufio.NewReader(r)}, lose: lose}
	head, err := f.in.Peek(2)
	if err == nil && binary.BigEndian.Uint16(head) == magicGzip {
		unpacked, err := gzip.NewReader(f.in)
		if err != nil {
			return nil, f.fail("gzip header", err)
		}
		f.in = bufio.NewReader(unpacked)
	}
	head, err = f.in.Peek(4)
	switch {
	case errors.Is(err, io.EOF):
		return nil, f.fail(fmt.Sprintf("%d bytes, want a pcap or pcapng file", len(head)), nil)
	case err != nil:
		return nil, f.fail("reading", err)
	}
	switch magic := binary.BigEndian.Uint32(head); magic {
	case magicNG:
		f.next = f.nextBlock
		return f, f.readFirstSection()
	case magicMicro, magicNano:
		f.order = binary.BigEndian
	case magicMicroSwap, magicNanoSwap:
		f.order = binary.LittleEndian
	default:
		return nil, f.fail(fmt.Sprintf("first bytes % X, want those of a pcap or pcapng file",
			head), nil)
	}
	f.next = f.nextRecord
	return f, f.readHeader()
}

// Comment returns the comment of the section that the last packet is of, or "".
func (f *Reader) Comment() string { return f.comment }

// Next returns the next packet, or io.EOF after the last.
func (f *Reader) Next() (Packet, error) { return f.next() }
