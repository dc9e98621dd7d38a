package denylist

import (
	"crypto/ecdsa"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"tapbench/applet/message"
)

// minSwaps is how many entries a step swaps at least; more are a power of two.
const minSwaps = 16

// MakerConfig is what a TSM makes its list with.
type MakerConfig struct {
	TSM message.PartyID
	Key *ecdsa.PrivateKey // SK_TSM
	// Last is the last serial that was ever published, 0 for none. A restarted TSM must know it.
	Last uint32
	Rand io.Reader // for salts and padding
}

// Maker makes the lists of one TSM. It starts with a whole one.
//
// A whole list has a fresh salt and a size that is a power of two, at least twice the number of
// tokens. A step then removes padding of the whole list only, in the order in which it was drawn,
// and adds as many entries: new tokens, and new padding. What a step has added stays until the next
// whole list, which comes before half of the entries have been swapped, and whenever an epoch
// begins or a token isn't to be denied any more. So the entries that go and come look the same,
// whatever the number of tokens is.
type Maker struct {
	config MakerConfig

	mu      sync.Mutex
	list    *List
	tokens  map[message.Hash]bool // what the list denies
	padding []entry               // of the whole list, what is left of it
	swapped int                   // since the whole list
	steps   []step                // since the whole list
}

// step leads to a serial, from the one before.
type step struct {
	to             uint32
	removed, added []entry
}

// NewMaker returns a maker that has made no list yet.
func NewMaker(c MakerConfig) *Maker { return &Maker{config: c} }

// Update makes the next list: tokens are the tokIDs of all that is denied, unspent and unexpired.
// Call it when the set changes, and often enough that terminals' lists don't age. It returns
// [ErrTooMany], or [ErrSpent] if the clock was set back; then the list before it stays.
func (m *Maker) Update(tokens []message.Hash, now time.Time) (*List, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(tokens) > MaxDenied {
		return nil, fmt.Errorf("%w: %d, at most %d", ErrTooMany, len(tokens), MaxDenied)
	}
	head, err := m.head(now)
	if err != nil {
		return nil, err
	}
	denied := make(map[message.Hash]bool, len(tokens))
	for _, id := range tokens {
		denied[id] = true
	}
	if fresh, ok := m.follows(head, denied); ok {
		err = m.step(head, denied, fresh)
	} else {
		err = m.whole(head, denied)
	}
	if err != nil {
		return nil, err
	}
	return m.list, nil
}

// head begins the next header.
func (m *Maker) head(now time.Time) (Header, error) {
	last := m.config.Last
	if m.list != nil {
		last = m.list.head.Header.Serial
	}
	seconds := now.Unix()
	switch {
	case last == math.MaxUint32:
		return Header{}, fmt.Errorf("%w: serial %d was the last", ErrSpent, last)
	case seconds < 0 || seconds > math.MaxUint32:
		return Header{}, fmt.Errorf("%w: it is %s", ErrSpent, now.UTC().Format(time.RFC3339))
	case m.list != nil && now.Before(m.list.Made()):
		return Header{}, fmt.Errorf("%w: it was made at %s, it is %s", ErrSpent,
			m.list.Made().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return Header{
		TSM: m.config.TSM, Serial: last + 1, Epoch: message.EpochAt(now),
		Time: uint32(seconds),
	}, nil
}

// follows returns the entries of the new tokens, and whether a step can lead to the next list.
func (m *Maker) follows(head Header, denied map[message.Hash]bool) ([]entry, bool) {
	if m.list == nil || m.list.head.Header.Epoch != head.Epoch {
		return nil, false
	}
	for id := range m.tokens {
		if !denied[id] {
			return nil, false
		}
	}
	var fresh []entry
	for id := range denied {
		if m.tokens[id] {
			continue
		}
		if m.list.Contains(id) { // by chance, padding is its hash
			return nil, false
		}
		fresh = append(fresh, newEntry(m.list.head.Header.Salt, id))
	}
	return fresh, m.swapped+swapsFor(len(fresh)) <= int(m.list.head.Header.Size)/2
}

// swapsFor returns how many entries a step swaps to bring so many tokens.
func swapsFor(tokens int) int {
	n := minSwaps
	for n < tokens {
		n *= 2
	}
	return n
}

// step swaps padding for new tokens and new padding.
func (m *Maker) step(head Header, denied map[message.Hash]bool, fresh []entry) error {
	swaps := swapsFor(len(fresh))
	added, err := m.fill(fresh, swaps, m.list.entries)
	if err != nil {
		return err
	}
	s := step{to: head.Serial, removed: sorted(m.padding[:swaps]), added: sorted(added)}
	entries, err := m.list.swap(delta{removed: s.removed, added: s.added})
	if err != nil {
		return err
	}
	head.Salt = m.list.head.Header.Salt
	if err := m.sign(head, entries); err != nil {
		return err
	}
	m.tokens, m.padding = denied, m.padding[swaps:]
	m.swapped += swaps
	m.steps = append(m.steps, s)
	return nil
}

// whole makes a list with a fresh salt.
func (m *Maker) whole(head Header, denied map[message.Hash]bool) error {
	if _, err := io.ReadFull(m.config.Rand, head.Salt[:]); err != nil {
		return fmt.Errorf("drawing a salt: %w", err)
	}
	size := MinSize
	for size < 2*len(denied) {
		size *= 2
	}
	entries := make([]entry, 0, size)
	for id := range denied {
		entries = append(entries, newEntry(head.Salt, id))
	}
	tokens := len(entries)
	entries, err := m.fill(entries, size, nil)
	if err != nil {
		return err
	}
	if err := m.sign(head, sorted(entries)); err != nil {
		return err
	}
	m.tokens, m.padding = denied, entries[tokens:]
	m.swapped, m.steps = 0, nil
	return nil
}

// fill draws padding until there are so many entries, none of them twice or among the others, which
// are sorted.
func (m *Maker) fill(entries []entry, size int, others []entry) ([]entry, error) {
	there := make(map[entry]bool, size)
	for _, e := range entries {
		there[e] = true
	}
	for len(entries) < size {
		var e entry
		if _, err := io.ReadFull(m.config.Rand, e[:]); err != nil {
			return nil, fmt.Errorf("drawing padding: %w", err)
		}
		if _, found := slices.BinarySearchFunc(others, e, compare); !found && !there[e] {
			there[e] = true
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// sign makes the maker's next list of sorted entries.
func (m *Maker) sign(head Header, entries []entry) error {
	head.Size = uint32(len(entries)) //nolint:gosec // at most MaxSize
	head.Sum = sumOf(entries)
	sig, err := message.Sign(m.config.Key, head.Digest())
	if err != nil {
		return err
	}
	l, err := newList(signed{head, sig}, entries)
	if err == nil {
		m.list = l
	}
	return err
}

// List returns the newest list, or nil.
func (m *Maker) List() *List {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.list
}

// Since returns what leads a terminal from the serial that it has to the newest list: a delta where
// there is one, the whole list where there is none, and nil if it has the newest or there is none.
func (m *Maker) Since(have uint32) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.list == nil || m.list.head.Header.Serial == have {
		return nil
	}
	d := delta{head: m.list.head, from: have}
	for i := len(m.steps) - 1; i >= 0; i-- {
		d.removed = append(d.removed, m.steps[i].removed...)
		d.added = append(d.added, m.steps[i].added...)
		if m.steps[i].to == have+1 {
			d.removed, d.added = sorted(d.removed), sorted(d.added)
			return d.encode()
		}
	}
	return m.list.Encode()
}
