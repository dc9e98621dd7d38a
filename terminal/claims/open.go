package claims

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

func uint64At(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

// Open opens the journal of a terminal, or begins one. It sets aside what is torn or damaged:
// [Journal.Findings] says what. It returns [ErrForeign] for the journal of another terminal or
// merchant and for what isn't one, which it leaves as it is.
func Open(disk Disk, id Identity) (*Journal, error) {
	if err := id.check(); err != nil {
		return nil, err
	}
	j := newJournal(disk)
	segments, leftovers, err := j.list()
	if err != nil {
		return nil, err
	}
	if len(segments) == 0 {
		return j, j.begin(id, leftovers)
	}
	r, err := j.read(segments)
	if err != nil {
		return nil, err
	}
	if j.id != id {
		return nil, fmt.Errorf("%w: they are those of %s at %s", ErrForeign, j.id.Terminal, j.id.Merchant)
	}
	if err := j.remove(leftovers); err != nil {
		return nil, err
	}
	return j, j.recover(r)
}

// list returns the segments that are there, and the files that an ending left unfinished.
func (j *Journal) list() (segments []uint32, leftovers []string, err error) {
	names, err := j.disk.Names()
	if err != nil {
		return nil, nil, fmt.Errorf("listing claims: %w", err)
	}
	for _, name := range names {
		if n, ok := segmentOf(name); ok {
			segments = append(segments, n)
		} else if strings.HasSuffix(name, unfinished) {
			leftovers = append(leftovers, name)
		}
	}
	slices.Sort(segments)
	return segments, leftovers, nil
}

func (j *Journal) remove(names []string) error {
	for _, name := range names {
		if err := j.disk.Remove(name); err != nil {
			return fmt.Errorf("removing an unfinished file: %w", err)
		}
	}
	return nil
}

// begin makes the first segment.
func (j *Journal) begin(id Identity, leftovers []string) error {
	if err := j.remove(leftovers); err != nil {
		return err
	}
	if _, err := rand.Read(j.salt[:]); err != nil {
		return err
	}
	j.id, j.start = id, 1
	h := header{segment: 1, start: 1, salt: j.salt, number: 1, id: id}
	if err := j.disk.Create(nameOf(1), h.encode()); err != nil {
		return fmt.Errorf("beginning the terminal's claims: %w", err)
	}
	j.end = tail{segment: 1, size: recordsFrom}
	j.ahead = j.end
	return nil
}

// read reads all segments that count.
func (j *Journal) read(segments []uint32) (*reader, error) {
	segments, err := j.identify(segments)
	if err != nil {
		return nil, err
	}
	r := &reader{salt: j.salt, take: j.apply}
	for i, n := range segments {
		if i == 0 && n != j.start || i > 0 && n != segments[i-1]+1 {
			r.find(n-1, 0, 0, "the segment is missing")
			r.broken = true
		}
		raw, err := j.disk.Load(nameOf(n), maxSegment)
		if err != nil {
			return nil, fmt.Errorf("reading claims: %w", err)
		}
		j.checkHeader(r, n, raw)
		newest := i == len(segments)-1
		r.segment(n, raw, newest)
		j.end = tail{segment: n, size: int64(len(raw)), number: r.number, link: r.link}
	}
	j.findings, j.ahead = r.findings, j.end
	return r, nil
}

// identify takes salt, identity and the first segment that counts from the newest header that can
// be read. All headers are of one journal.
func (j *Journal) identify(segments []uint32) ([]uint32, error) {
	var newest *header
	for _, n := range segments {
		h, err := j.header(n)
		if err != nil {
			return nil, err
		}
		if h == nil {
			continue
		}
		if newest != nil && (h.salt != newest.salt || h.id != newest.id) || h.segment != n {
			return nil, fmt.Errorf("%w: %s belongs to another journal", ErrForeign, nameOf(n))
		}
		if h.start == n || slices.Contains(segments, h.start) || newest == nil {
			newest = h
		}
	}
	if newest == nil {
		return nil, fmt.Errorf("%w: no header can be read", ErrForeign)
	}
	j.salt, j.id, j.start = newest.salt, newest.id, newest.start
	for len(segments) > 0 && segments[0] < j.start {
		segments = segments[1:]
	}
	return segments, nil
}

// header returns the first copy of a segment's header that can be read, or nil.
func (j *Journal) header(n uint32) (*header, error) {
	raw := make([]byte, recordsFrom)
	if err := j.disk.ReadAt(nameOf(n), raw, 0); err != nil {
		return nil, nil //nolint:nilerr,nilnil // too short: nothing of it can be read
	}
	for _, copied := range [][]byte{raw[:headerLen], raw[headerLen:]} {
		h, err := parseHeader(copied)
		if errors.Is(err, ErrVersion) {
			return nil, err
		}
		if err == nil {
			return &h, nil
		}
	}
	return nil, nil //nolint:nilnil // neither copy can be read
}

// checkHeader reports a header of which not both copies are whole, and takes from one where the
// first record counts from.
func (j *Journal) checkHeader(r *reader, n uint32, raw []byte) {
	whole := 0
	for from := 0; from < recordsFrom; from += headerLen {
		h, err := parseHeader(raw[min(from, len(raw)):min(from+headerLen, len(raw))])
		if err != nil {
			r.find(n, from, headerLen, "a copy of the header is damaged")
			continue
		}
		if whole++; n == j.start {
			r.number, r.link = h.number-1, h.link
		}
	}
	if whole == 0 {
		r.broken = true
	}
}

// recover sets aside what isn't a record, and has what is there reach the disk.
func (j *Journal) recover(r *reader) error {
	for i := range j.findings {
		if err := j.quarantine(&j.findings[i]); err != nil {
			return fmt.Errorf("setting bytes aside: %w", err)
		}
	}
	last := nameOf(j.end.segment)
	if r.cut > 0 {
		if err := j.disk.Truncate(last, r.cut); err != nil {
			return fmt.Errorf("cutting a torn write off: %w", err)
		}
		j.end.size = r.cut
	} else if r.broken || j.end.size < recordsFrom {
		// What stood there may have had numbers: they aren't given again.
		j.end.number += uint64(max(j.end.size, 0))/overhead + 1
	}
	j.end.size = max(j.end.size, recordsFrom)
	j.ahead = j.end
	return j.disk.Sync(last)
}

// quarantine copies a finding's bytes to a file of their own, once.
func (j *Journal) quarantine(f *Finding) error {
	if f.Length == 0 {
		return nil
	}
	raw, err := j.disk.Load(f.File, maxSegment)
	if err != nil {
		return err
	}
	from := min(int(f.Offset), len(raw))
	raw = raw[from:min(from+int(f.Length), len(raw))]
	hash := sha256.Sum256(raw)
	f.Aside = fmt.Sprintf("%s%s-%010d-%x", setAside, strings.TrimPrefix(f.File, segmentName),
		f.Offset, hash[:4])
	if err := j.disk.Create(f.Aside, raw); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
