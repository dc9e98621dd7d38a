package claims

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxWrite is how many bytes one write gathers before others wait, unless one record is longer.
const maxWrite = 1 << 20

// write is what several callers append together.
type write struct {
	first   uint64 // number of its first record
	link    sum    // of the record before
	raw     []byte
	records []record
	at      []int64 // where they stand in raw
	done    bool
	err     error
}

// Append keeps a claim. When it returns nil the claim is on the disk, and a receipt may be given.
// A claim whose key is there already is left as it is, and Append returns that first one. It
// returns [ErrTooLong], [ErrFull], [ErrReadOnly] or [ErrUncertain].
func (j *Journal) Append(key Key, payload []byte) (first Record, err error) {
	if len(payload) > MaxPayload {
		return Record{}, fmt.Errorf("%w: %d bytes, want at most %d", ErrTooLong, len(payload), MaxPayload)
	}
	j.mu.Lock()
	w, there := j.staged[key]
	if !there && j.byKey[key] == nil {
		w, err = j.stage(record{kind: kindClaim, key: key, payload: payload})
	}
	if err == nil && w != nil {
		err = j.await(w)
	}
	j.mu.Unlock()
	if err != nil {
		return Record{}, err
	}
	return j.Lookup(key)
}

// stage has a record wait for the next write. The caller holds j.mu.
func (j *Journal) stage(r record) (*write, error) {
	if j.readOnly {
		return nil, fmt.Errorf("%w: it was opened to be read", ErrReadOnly)
	}
	for j.next != nil && len(j.next.raw) >= maxWrite && j.broken == nil {
		_ = j.await(j.next) // its error is told to those who wait for it
	}
	if j.broken != nil {
		return nil, j.broken
	}
	if j.next == nil {
		j.next = &write{first: j.ahead.number + 1, link: j.ahead.link}
	}
	w := j.next
	r.number, r.write, r.link = j.ahead.number+1, w.first, j.ahead.link
	w.at = append(w.at, int64(len(w.raw)))
	w.raw = r.appendTo(w.raw, j.salt)
	w.records = append(w.records, r)
	j.ahead.number, j.ahead.link = r.number, r.sum
	if r.kind == kindClaim {
		j.staged[r.key] = w
	}
	return w, nil
}

// await returns when a write has ended, and carries it out if nobody else does. The caller holds
// j.mu.
func (j *Journal) await(w *write) error {
	for !w.done {
		if j.writing {
			j.idle.Wait()
		} else {
			j.lead()
		}
	}
	return w.err
}

// lead carries out the write that is next. The caller holds j.mu.
func (j *Journal) lead() {
	w, end := j.next, j.end
	j.next, j.writing = nil, true
	j.mu.Unlock()
	end, at, err := j.write(w, end)
	j.mu.Lock()
	j.writing = false
	if err == nil {
		for i := range w.records {
			j.apply(&w.records[i], end.segment, at+w.at[i])
		}
		j.end = end
		j.finish(w, nil)
	} else {
		if errors.Is(err, ErrUncertain) {
			j.broken = err
		}
		j.finish(w, err)
		if j.next != nil { // it follows records that aren't there
			j.finish(j.next, err)
			j.next = nil
		}
		j.ahead = j.end
	}
	j.idle.Broadcast()
}

func (j *Journal) finish(w *write, err error) {
	w.done, w.err = true, err
	for i := range w.records {
		delete(j.staged, w.records[i].key)
		w.records[i].payload = nil
	}
}

// write puts a write on the disk, in a new segment if the last one is full. After an error nothing
// of it is there, unless it is [ErrUncertain].
func (j *Journal) write(w *write, end tail) (tail, int64, error) {
	if end.size > recordsFrom && end.size+int64(len(w.raw)) > j.limit {
		h := header{
			segment: end.segment + 1, start: j.start, salt: j.salt, number: w.first, link: w.link,
			id: j.id,
		}
		if err := j.disk.Create(nameOf(h.segment), h.encode()); err != nil {
			if errors.Is(err, ErrFull) || errors.Is(err, ErrReadOnly) {
				return end, 0, fmt.Errorf("beginning a segment: %w", err)
			}
			return end, 0, fmt.Errorf("%w: beginning a segment: %w", ErrUncertain, err)
		}
		end.segment, end.size = h.segment, recordsFrom
	}
	name, at := nameOf(end.segment), end.size
	if err := j.disk.WriteAt(name, w.raw, at); err != nil {
		if undo := j.disk.Truncate(name, at); undo != nil {
			return end, 0, fmt.Errorf("%w: %w", ErrUncertain, errors.Join(err, undo))
		}
		if end.segment != j.end.segment {
			err = fmt.Errorf("%w: %w", ErrUncertain, err) // an empty segment has begun
		}
		return end, 0, fmt.Errorf("keeping a claim: %w", err)
	}
	if err := j.disk.Sync(name); err != nil {
		return end, 0, fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	last := w.records[len(w.records)-1]
	end.size += int64(len(w.raw))
	end.number, end.link = last.number, last.sum
	return end, at, nil
}

func batchOf(batch uint64) []byte { return binary.BigEndian.AppendUint64(nil, batch) }
