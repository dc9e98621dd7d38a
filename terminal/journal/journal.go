package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
)

// What can be wrong with a journal.
var (
	// ErrForeign means that the state isn't a journal's. It was left as it was. Name another file.
	ErrForeign = errors.New("not a terminal's journal")
	// ErrUnknownEntry means that an entry to be cleared isn't there. Nothing was changed.
	ErrUnknownEntry = errors.New("no such payment in the journal")
)

// MaxPending is how many payments may wait for their reversal. A terminal that reverses before it
// pays has one at most; the bound is for files that somebody else wrote.
const MaxPending = 1000

// format and version stand at the beginning of each state.
const (
	format  = "tapbench-journal"
	version = 1
)

// Disk is where the state lies: a [File], or a test's.
type Disk interface {
	// Load returns the state, or nil when there is none yet.
	Load() ([]byte, error)
	// Commit replaces the state. When it returns nil the new one is on the disk; when it fails, or
	// power does, the old one or the new one is, whole.
	Commit(state []byte) error
}

// Entry is one payment that the issuer is asked for.
type Entry struct {
	Key    acquirer.Key // without Party, which the certificate says
	Amount money.Amount
}

// Journal is a terminal's memory.
type Journal struct {
	disk  Disk
	state state
}

type state struct {
	stan    uint32 // the last number given, 0: none
	pending []Entry
}

// document is the state's text.
type document struct {
	Format  string        `json:"format"`
	Version int           `json:"version"`
	STAN    uint32        `json:"stan"`
	Pending []documentRow `json:"pending"`
}

type documentRow struct {
	STAN     uint32 `json:"stan"`
	Sent     string `json:"sent"`
	Merchant string `json:"merchant"`
	Terminal string `json:"terminal"`
	Amount   string `json:"amount"`
}

// Open reads the state of a disk, or begins one. It returns [ErrForeign] for anything that isn't a
// journal to the last byte.
func Open(disk Disk) (*Journal, error) {
	raw, err := disk.Load()
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	j := &Journal{disk: disk}
	if raw == nil {
		return j, nil
	}
	if j.state, err = parse(raw); err != nil {
		return nil, fmt.Errorf("reading the journal: %w: %w", ErrForeign, err)
	}
	return j, nil
}

// Pending returns the payments that haven't ended, in the order in which they began.
func (j *Journal) Pending() []Entry { return slices.Clone(j.state.pending) }

// NextSTAN returns the number of the next message, 1 to acquirer.MaxSTAN and then 1 again, once it
// is on the disk. A number that was given is never given again before that.
func (j *Journal) NextSTAN() (uint32, error) {
	next := j.state
	next.stan = after(next.stan)
	if err := j.commit(next); err != nil {
		return 0, err
	}
	return next.stan, nil
}

// Begin keeps a payment before the issuer is asked for it, under the number of its message. When it
// fails the payment mustn't be asked for.
func (j *Journal) Begin(entry func(stan uint32) Entry) (Entry, error) {
	next := j.state
	next.stan = after(next.stan)
	e := entry(next.stan)
	next.pending = append(slices.Clone(next.pending), e)
	if err := j.commit(next); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// Clear forgets a payment that has ended: receipt given, declined, or reversed. When it fails the
// payment stays, and will be reversed.
func (j *Journal) Clear(e Entry) error {
	i := slices.Index(j.state.pending, e)
	if i < 0 {
		return ErrUnknownEntry
	}
	next := j.state
	next.pending = slices.Delete(slices.Clone(next.pending), i, i+1)
	return j.commit(next)
}

// commit brings a state to the disk and then into memory.
func (j *Journal) commit(next state) error {
	raw, err := next.encode()
	if err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	if err := j.disk.Commit(raw); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	j.state = next
	return nil
}

func after(stan uint32) uint32 { return stan%acquirer.MaxSTAN + 1 }

func (s state) encode() ([]byte, error) {
	d := document{
		Format: format, Version: version, STAN: s.stan,
		Pending: make([]documentRow, 0, len(s.pending)),
	}
	for _, e := range s.pending {
		d.Pending = append(d.Pending, documentRow{
			STAN: e.Key.STAN, Sent: string(e.Key.Sent), Merchant: string(e.Key.Merchant[:]),
			Terminal: string(e.Key.Terminal[:]), Amount: e.Amount.String(),
		})
	}
	raw, err := json.Marshal(d)
	return append(raw, '\n'), err
}

func parse(raw []byte) (state, error) {
	var d document
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return state{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return state{}, errors.New("bytes behind the JSON object")
	}
	if d.Format != format || d.Version != version {
		return state{}, fmt.Errorf("format %.32q, version %d", d.Format, d.Version)
	}
	if d.STAN > acquirer.MaxSTAN || len(d.Pending) > MaxPending {
		return state{}, errors.New("a number is out of range")
	}
	s := state{stan: d.STAN}
	for i, row := range d.Pending {
		e, err := row.entry()
		if err != nil {
			return state{}, fmt.Errorf("payment %d: %w", i+1, err)
		}
		s.pending = append(s.pending, e)
	}
	return s, nil
}

func (r documentRow) entry() (Entry, error) {
	amount, err := money.ParseText(r.Amount)
	if err != nil {
		return Entry{}, err
	}
	k, err := acquirer.NewKey(r.Merchant, r.Terminal, r.STAN, r.Sent)
	return Entry{Key: k, Amount: amount}, err
}
