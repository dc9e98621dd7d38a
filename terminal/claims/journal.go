package claims

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"sync"
)

// Key names a claim: SHA-256 over its signed fields.
type Key [32]byte

// String returns the key in hexadecimal digits.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Identity says whose claims a journal holds.
type Identity struct {
	Merchant string // 1 to 16 printable ASCII characters
	Terminal string // 1 to 8 printable ASCII characters
}

// check refuses what a header can't hold.
func (id Identity) check() error {
	for text, most := range map[string]int{id.Merchant: merchantLen, id.Terminal: terminalLen} {
		if text == "" || len(text) > most {
			return fmt.Errorf("%w: a name has 1 to %d characters, got %q", ErrForeign, most, text)
		}
		for _, c := range []byte(text) {
			if c < ' ' || c > '~' {
				return fmt.Errorf("%w: %q isn't printable ASCII", ErrForeign, text)
			}
		}
	}
	return nil
}

// State is what a claim has come to.
type State string

// The states of a claim.
const (
	Pending State = "pending" // to be sent
	Sent    State = "sent"    // in a batch that has no answer yet
	Paid    State = "paid"
	Refused State = "refused" // with a reason
)

// Record is a claim and what it has come to.
type Record struct {
	Number  uint64 `json:"number"` // in the order in which claims were taken, with gaps
	Key     Key    `json:"key"`
	State   State  `json:"state"`
	Batch   uint64 `json:"batch,omitempty"`   // the one it was sent with last
	Reason  string `json:"reason,omitempty"`  // of a refusal
	Payload []byte `json:"payload,omitempty"` // nil: paid, and forgotten by a compaction
}

// entry is what is kept in memory of a claim.
type entry struct {
	Record
	segment uint32
	at      int64
	length  int // of the payload; 0 with segment 0: forgotten
}

// Journal holds the claims of one terminal. Its methods may be called by several goroutines.
type Journal struct {
	disk     Disk
	id       Identity
	salt     salt
	limit    int64 // of a segment, in bytes
	readOnly bool
	findings []Finding

	settling sync.Mutex // held by whoever changes states
	mu       sync.Mutex
	idle     *sync.Cond // a write has ended
	writing  bool
	next     *write
	staged   map[Key]*write // claims that aren't on the disk yet
	end      tail           // behind what is on the disk
	ahead    tail           // behind what waits to be written
	broken   error

	start   uint32
	entries []*entry
	byKey   map[Key]*entry
	batch   uint64 // the last one
}

// tail is where the next record goes.
type tail struct {
	segment uint32
	size    int64
	number  uint64 // of the last record
	link    sum
}

func newJournal(disk Disk) *Journal {
	j := &Journal{
		disk: disk, limit: segmentLen, staged: map[Key]*write{}, byKey: map[Key]*entry{},
	}
	j.idle = sync.NewCond(&j.mu)
	return j
}

// Identity returns whose claims these are.
func (j *Journal) Identity() Identity { return j.id }

// Findings returns what was found that isn't a record, in the order of the bytes.
func (j *Journal) Findings() []Finding { return slices.Clone(j.findings) }

// Len returns how many claims there are.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries)
}

// apply takes a record that is on the disk into memory.
func (j *Journal) apply(r *record, segment uint32, at int64) {
	e := j.byKey[r.key]
	if r.kind == kindClaim || r.kind == kindSettled {
		if e != nil {
			return // the first one counts
		}
		e = &entry{Record: Record{Number: r.number, Key: r.key, State: Pending}}
		if r.kind == kindClaim {
			e.segment, e.at, e.length = segment, at, len(r.payload)
		}
		j.entries, j.byKey[r.key] = append(j.entries, e), e
	}
	if e == nil || r.kind == kindClaim {
		return // of a claim that is damaged, or a new one
	}
	e.Batch = uint64At(r.payload)
	j.batch = max(j.batch, e.Batch)
	switch r.kind {
	case kindSent:
		e.State = Sent
	case kindPaid, kindSettled:
		e.State = Paid
	case kindRefused:
		e.State, e.Reason = Refused, string(r.payload[batchLen:])
	case kindReleased:
		e.State, e.Batch = Pending, 0
	case kindClaim:
	}
}

// Claims returns the claims in the given states, or all, in the order in which they were taken. A
// claim whose bytes were damaged since the journal was opened comes with [ErrDamaged].
func (j *Journal) Claims(states ...State) iter.Seq2[Record, error] {
	return j.each(func(r *Record) bool { return len(states) == 0 || slices.Contains(states, r.State) })
}

// Pending returns the claims that are to be sent, the oldest first.
func (j *Journal) Pending() iter.Seq2[Record, error] { return j.Claims(Pending) }

// Batch returns the claims that were sent with a batch and have no answer yet. After a crash they
// are sent again.
func (j *Journal) Batch(batch uint64) iter.Seq2[Record, error] {
	return j.each(func(r *Record) bool { return r.State == Sent && r.Batch == batch })
}

// Unanswered returns the batches of which claims have no answer yet, the oldest first.
func (j *Journal) Unanswered() (batches []uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if e.State == Sent {
			batches = append(batches, e.Batch)
		}
	}
	slices.Sort(batches)
	return slices.Compact(batches)
}

// Lookup returns the claim with that key, or [ErrUnknown].
func (j *Journal) Lookup(key Key) (Record, error) {
	j.mu.Lock()
	e := j.byKey[key]
	j.mu.Unlock()
	if e == nil {
		return Record{}, fmt.Errorf("%w: %s", ErrUnknown, key)
	}
	return j.load(e)
}

func (j *Journal) each(wanted func(*Record) bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		j.mu.Lock()
		entries := slices.Clone(j.entries)
		j.mu.Unlock()
		for _, e := range entries {
			j.mu.Lock()
			match := wanted(&e.Record)
			j.mu.Unlock()
			if match && !yield(j.load(e)) {
				return
			}
		}
	}
}

// load reads a claim's payload from its segment and verifies it.
func (j *Journal) load(e *entry) (Record, error) {
	j.mu.Lock()
	r, segment, at, length := e.Record, e.segment, e.at, e.length
	j.mu.Unlock()
	if segment == 0 {
		return r, nil
	}
	raw := make([]byte, overhead+length)
	if err := j.disk.ReadAt(nameOf(segment), raw, at); err != nil {
		return r, fmt.Errorf("reading claim %d: %w", r.Number, err)
	}
	found, ok := parseRecord(raw, j.salt)
	if !ok || found.key != r.Key || found.kind != kindClaim {
		return r, fmt.Errorf("%w: claim %d at byte %d of %s", ErrDamaged, r.Number, at, nameOf(segment))
	}
	r.Payload = found.payload
	return r, nil
}

// Verify reads every byte again, and returns what isn't a record where one should be.
func Verify(disk Disk) ([]Finding, error) {
	j, err := Read(disk)
	if err != nil {
		return nil, err
	}
	return j.Findings(), nil
}

// Read opens a journal to be read, and changes nothing. It returns an error that wraps
// [fs.ErrNotExist] if there is none.
func Read(disk Disk) (*Journal, error) {
	j := newJournal(disk)
	j.readOnly = true
	segments, _, err := j.list()
	if err != nil {
		return nil, err
	}
	if len(segments) == 0 {
		return nil, fmt.Errorf("claims: %w", fs.ErrNotExist)
	}
	_, err = j.read(segments)
	return j, err
}
