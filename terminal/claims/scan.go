package claims

import (
	"bytes"
	"fmt"
)

// Finding is something in a journal that isn't a record where one should be. Its bytes are set
// aside in a file of their own when the journal is opened to be written to.
type Finding struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Length int64  `json:"length"`
	// Torn says that the bytes are what is left of a write that power cut: nobody was told that a
	// claim of it is kept. Otherwise the finding is damage.
	Torn bool   `json:"torn"`
	What string `json:"what"`
	// Aside is the file into which the bytes were copied, or empty.
	Aside string `json:"aside,omitempty"`
}

// String writes a finding in one line.
func (f Finding) String() string {
	text := fmt.Sprintf("%s, byte %d, %d bytes: %s", f.File, f.Offset, f.Length, f.What)
	if f.Aside != "" {
		text += "; kept in " + f.Aside
	}
	return text
}

// span is a record, or bytes that are none, in a segment.
type span struct {
	at, end int
	record  record // kind 0: none
}

// spans splits a segment's bytes behind its header.
func spans(b []byte, from int, s salt) (out []span) {
	for at := from; at < len(b); {
		if r, ok := parseRecord(b[at:], s); ok {
			out = append(out, span{at: at, end: at + r.size(), record: r})
			at += r.size()
			continue
		}
		end := nextRecord(b, at+1, s)
		out = append(out, span{at: at, end: end})
		at = end
	}
	return out
}

// nextRecord returns where the next record begins, or the end.
func nextRecord(b []byte, from int, s salt) int {
	for at := from; at < len(b); at++ {
		next := bytes.Index(b[at:], mark())
		if next < 0 {
			break
		}
		at += next
		if _, ok := parseRecord(b[at:], s); ok {
			return at
		}
	}
	return len(b)
}

// torn reports whether the bytes from at on are provably what is left of a write that didn't come
// to its end. Then its sync didn't return, and nobody was told of any of its records. Either the
// file ends before the record does: a synced file has its length. Or a sector that the record needs
// was never written: it is zero where no record is.
func torn(b []byte, at int, last bool) bool {
	rest := b[at:]
	_, size, whole := parseHead(rest)
	if last && len(rest) < headLen {
		return bytes.HasPrefix(mark(), rest[:min(len(rest), len(mark()))]) ||
			bytes.HasPrefix(rest, mark()) || zero(rest)
	}
	if whole && last && size > len(rest) {
		return true
	}
	return holed(b, at, size, whole)
}

// holed reports whether a sector that the record at at needs is zero.
func holed(b []byte, at, size int, whole bool) bool {
	for from := at; from < len(b); {
		end := min(len(b), from-from%sectorLen+sectorLen)
		if end-from >= leastZeroLen && zero(b[from:end]) && needed(from-at, end-at, size, whole) {
			return true
		}
		if from = end; !whole && from >= at+headLen || whole && from >= at+size {
			break
		}
	}
	return false
}

// needed reports whether a record can't be zero in bytes [from, end): they aren't all payload.
func needed(from, end, size int, whole bool) bool {
	if !whole {
		return from < headLen
	}
	return end > size-sumLen && from < size
}

func zero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// reader follows a journal from record to record.
type reader struct {
	salt     salt
	number   uint64 // of the last record
	link     sum    // of the last record
	broken   bool   // something was damaged since
	findings []Finding
	cut      int64 // where the last segment is to be cut, 0: nowhere
	take     func(r *record, segment uint32, at int64)
}

// segment reads one segment.
func (r *reader) segment(n uint32, b []byte, newest bool) {
	found := spans(b, min(recordsFrom, len(b)), r.salt)
	for i, s := range found {
		if s.record.kind != 0 {
			r.accept(&s, n)
			continue
		}
		if newest && r.unsynced(found[i+1:]) && torn(b, s.at, i == len(found)-1) {
			r.cut = int64(s.at)
			r.find(n, s.at, len(b)-s.at, "a write that didn't come to its end")
			r.findings[len(r.findings)-1].Torn = true
			return
		}
		r.find(n, s.at, s.end-s.at, r.damage(b, s))
		r.broken = true
	}
}

// unsynced reports whether what should stand here belongs to the last write: whatever is before a
// later write was synced.
func (r *reader) unsynced(behind []span) bool {
	for _, s := range behind {
		if s.record.kind != 0 && s.record.write > r.number+1 {
			return false
		}
	}
	return true
}

// damage says what is wrong with bytes.
func (r *reader) damage(b []byte, s span) string {
	head, _, ok := parseHead(b[s.at:])
	if !ok {
		return fmt.Sprintf("no record, where number %d should be", r.number+1)
	}
	return fmt.Sprintf("record %d of claim %s has another checksum", head.number, head.key)
}

// accept takes a record that is whole, if it is in its place.
func (r *reader) accept(s *span, segment uint32) {
	if s.record.number <= r.number {
		r.find(segment, s.at, s.end-s.at, fmt.Sprintf("record %d after %d", s.record.number, r.number))
		return
	}
	if s.record.link != r.link && !r.broken {
		r.find(segment, s.at, 0, fmt.Sprintf("records between %d and %d are missing",
			r.number, s.record.number))
	}
	r.number, r.link, r.broken = s.record.number, s.record.sum, false
	r.take(&s.record, segment, int64(s.at))
}

func (r *reader) find(segment uint32, at, length int, what string) {
	r.findings = append(r.findings, Finding{
		File: nameOf(segment), Offset: int64(at), Length: int64(length), What: what,
	})
}
