package claims

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
)

// kind says what a record is.
type kind byte

const (
	kindClaim    kind = 1 // a claim's payload
	kindSent     kind = 2 // the claim goes with a batch
	kindPaid     kind = 3 // the batch's answer: paid
	kindRefused  kind = 4 // the batch's answer: refused, with a reason
	kindReleased kind = 5 // the batch is given up: the claim is pending again
	kindSettled  kind = 6 // after a compaction: a paid claim's key, without its payload
)

const (
	sumLen       = 16
	saltLen      = 16
	headLen      = 76
	overhead     = headLen + sumLen
	checkedLen   = 72 // what of a head its CRC is over
	batchLen     = 8
	sectorLen    = 512 // what a disk writes whole or not at all
	leastZeroLen = 16  // how many zeros are no chance
)

// MaxPayload is the most bytes of a claim.
const MaxPayload = 16 << 10

// MaxReason is the most bytes of a refusal's reason.
const MaxReason = 255

// mark begins each record. None of its bytes is zero.
func mark() []byte { return []byte{0xC1, 0xA1, 0x3D, 0x5A} }

// sum is the first half of a SHA-256.
type sum [sumLen]byte

// salt is 16 random bytes of one journal. Checksums are over it, so that bytes which a card has put
// into a claim, or an older file has left on the disk, never pass for a record.
type salt [saltLen]byte

// record is one record as it lies in a segment.
type record struct {
	kind    kind
	number  uint64 // counted from 1, rising
	write   uint64 // the number of the first record that was written together with this one
	link    sum    // the sum of the record before
	key     Key
	payload []byte
	sum     sum // over salt and all bytes before
}

// size returns how many bytes the record takes.
func (r *record) size() int { return overhead + len(r.payload) }

// appendTo appends the record's bytes to b and sets its sum.
func (r *record) appendTo(b []byte, s salt) []byte {
	from := len(b)
	b = append(b, mark()...)
	b = append(b, byte(r.kind), 0)
	b = append(b, byte(len(r.payload)>>8), byte(len(r.payload)))
	b = binary.BigEndian.AppendUint64(b, r.number)
	b = binary.BigEndian.AppendUint64(b, r.write)
	b = append(b, r.link[:]...)
	b = append(b, r.key[:]...)
	b = binary.BigEndian.AppendUint32(b, castagnoli(b[from:]))
	b = append(b, r.payload...)
	r.sum = sumOf(s, b[from:])
	return append(b, r.sum[:]...)
}

// parseHead reads a head whose CRC is right, and how long its record is.
func parseHead(b []byte) (r record, size int, ok bool) {
	if len(b) < headLen || !bytes.HasPrefix(b, mark()) ||
		binary.BigEndian.Uint32(b[checkedLen:]) != castagnoli(b[:checkedLen]) {
		return record{}, 0, false
	}
	length := int(binary.BigEndian.Uint16(b[6:]))
	r = record{
		kind: kind(b[4]), number: binary.BigEndian.Uint64(b[8:]), write: binary.BigEndian.Uint64(b[16:]),
		link: sum(b[24:40]), key: Key(b[40:72]),
	}
	known := r.kind >= kindClaim && r.kind <= kindSettled
	if !known || b[5] != 0 || length > MaxPayload || r.number == 0 || r.write > r.number {
		return record{}, 0, false
	}
	return r, overhead + length, true
}

// parseRecord reads the record at the beginning of b. Its payload is a part of b.
func parseRecord(b []byte, s salt) (record, bool) {
	r, size, ok := parseHead(b)
	if !ok || len(b) < size {
		return record{}, false
	}
	r.payload = b[headLen : size-sumLen]
	r.sum = sumOf(s, b[:size-sumLen])
	return r, r.sum == sum(b[size-sumLen:size]) && wellFormed(&r)
}

// wellFormed reports whether the payload is one of the record's kind.
func wellFormed(r *record) bool {
	switch r.kind {
	case kindClaim:
		return true
	case kindRefused:
		return len(r.payload) >= batchLen && len(r.payload) <= batchLen+MaxReason
	case kindSent, kindPaid, kindReleased, kindSettled:
		return len(r.payload) == batchLen
	default:
		return false
	}
}

func sumOf(s salt, b []byte) sum {
	h := sha256.New()
	h.Write(s[:])
	h.Write(b)
	var out [sha256.Size]byte
	return sum(h.Sum(out[:0])[:sumLen])
}

func castagnoli(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
