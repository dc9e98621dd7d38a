package claims

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

const (
	version     = 1
	headerLen   = 96            // one copy of a segment's header
	recordsFrom = 2 * headerLen // it stands there twice
	maxSegment  = 64 << 20      // what is read of a file that may be anything
	segmentLen  = 16 << 20      // where a new segment begins
	merchantLen = 16            // ASCII, padded with zeros
	terminalLen = 8             // ASCII, padded with zeros
	segmentName = "segment-"    // and eight digits
	unfinished  = ".new"        // behind the name of a file that isn't whole yet
	setAside    = "quarantine-" // segment, offset and hash of what was set aside
	magic       = "tbclaims"
)

// header begins a segment.
type header struct {
	segment uint32 // counted from 1
	start   uint32 // the first segment that counts: those before were compacted into it and on
	salt    salt
	number  uint64 // the first record's, at least
	link    sum    // the sum of the last record before this segment
	id      Identity
}

// encode returns both copies.
func (h *header) encode() []byte {
	b := append(make([]byte, 0, recordsFrom), magic...)
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint16(b, headerLen)
	b = binary.BigEndian.AppendUint32(b, h.segment)
	b = binary.BigEndian.AppendUint32(b, h.start)
	b = append(b, h.salt[:]...)
	b = binary.BigEndian.AppendUint64(b, h.number)
	b = append(b, h.link[:]...)
	b = appendPadded(b, h.id.Merchant, merchantLen)
	b = appendPadded(b, h.id.Terminal, terminalLen)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, castagnoli(b))
	return append(b, b...)
}

func appendPadded(b []byte, text string, length int) []byte {
	field := make([]byte, length)
	copy(field, text)
	return append(b, field...)
}

// parseHeader reads one copy. It returns [ErrVersion] for one of another version, and [ErrForeign]
// for anything else that isn't a header.
func parseHeader(b []byte) (h header, err error) {
	if len(b) < headerLen || !bytes.HasPrefix(b, []byte(magic)) ||
		binary.BigEndian.Uint32(b[headerLen-4:]) != castagnoli(b[:headerLen-4]) {
		return h, ErrForeign
	}
	if v := binary.BigEndian.Uint16(b[8:]); v != version {
		return h, fmt.Errorf("%w: version %d, want %d", ErrVersion, v, version)
	}
	h = header{
		segment: binary.BigEndian.Uint32(b[12:]), start: binary.BigEndian.Uint32(b[16:]),
		salt: salt(b[20:36]), number: binary.BigEndian.Uint64(b[36:]), link: sum(b[44:60]),
		id: Identity{
			Merchant: string(bytes.TrimRight(b[60:76], "\x00")),
			Terminal: string(bytes.TrimRight(b[76:84], "\x00")),
		},
	}
	if h.segment == 0 || h.start == 0 || h.start > h.segment || h.id.check() != nil ||
		!bytes.Equal(h.encode()[:headerLen], b[:headerLen]) {
		return header{}, ErrForeign
	}
	return h, nil
}

// nameOf returns a segment's file name.
func nameOf(segment uint32) string { return fmt.Sprintf("%s%08d", segmentName, segment) }

// segmentOf returns the number in a segment's file name.
func segmentOf(name string) (uint32, bool) {
	digits, found := strings.CutPrefix(name, segmentName)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !found || err != nil || nameOf(uint32(n)) != name || n == 0 {
		return 0, false
	}
	return uint32(n), true
}
