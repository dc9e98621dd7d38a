package denylist

import (
	"crypto/ecdsa"
	"fmt"
	"sync"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// DefaultMaxAge is for how long a terminal relies on a list unless its merchant wants otherwise.
const DefaultMaxAge = 7 * 24 * time.Hour

// Skew is how far a terminal's clock may be behind the TSM's.
const Skew = wire.ClockSkew * time.Second

// Held is what a terminal has of one TSM's deny list.
type Held struct {
	tsm    message.PartyID
	key    *ecdsa.PublicKey
	maxAge time.Duration

	mu   sync.Mutex
	list *List
}

// NewHeld returns the state of a terminal that has no list yet. key is SK_TSM's public one. A list
// is relied on for maxAge; 0 stands for [DefaultMaxAge]. It returns [message.ErrKey].
func NewHeld(tsm message.PartyID, key message.PublicKey, maxAge time.Duration) (*Held, error) {
	parsed, err := key.ECDSA()
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", tsm, err)
	}
	if maxAge <= 0 {
		maxAge = DefaultMaxAge
	}
	return &Held{tsm: tsm, key: parsed, maxAge: maxAge}, nil
}

// Serial returns which list the terminal has, 0 for none: what it asks the TSM with.
func (h *Held) Serial() uint32 {
	if l := h.List(); l != nil {
		return l.head.Header.Serial
	}
	return 0
}

// List returns the list, or nil. Its encoding is what a terminal keeps across a restart.
func (h *Held) List() *List {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.list
}

// Update takes a list or a delta, as [Maker.Since] gives them. It returns the errors of [Parse] and
// of [List.Apply], and [ErrSerial] for a list that is no newer than the one at hand, so that nobody
// can put an old one back; then nothing has changed.
func (h *Held) Update(raw []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(raw) > 0 && raw[0] == byte(wire.MsgDenyDelta) {
		if h.list == nil {
			return fmt.Errorf("%w: a change, and no list is at hand", ErrSerial)
		}
		next, err := h.list.Apply(raw, h.key)
		if err == nil {
			h.list = next
		}
		return err
	}
	next, err := Parse(raw, h.tsm, h.key)
	if err != nil {
		return err
	}
	if h.list != nil && next.head.Header.Serial <= h.list.head.Header.Serial {
		return fmt.Errorf("%w: %d, at hand is %d", ErrSerial, next.head.Header.Serial,
			h.list.head.Header.Serial)
	}
	h.list = next
	return nil
}

// Usable returns nil if the list may be relied on at a time, in seconds since 1970 UTC. It returns
// [ErrNone], [ErrStale] or [ErrClock].
func (h *Held) Usable(at uint32) error {
	l := h.List()
	if l == nil {
		return ErrNone
	}
	now, made := time.Unix(int64(at), 0).UTC(), l.Made()
	switch {
	case now.Add(Skew).Before(made):
		return fmt.Errorf("%w: it was made at %s", ErrClock, made.Format(time.RFC3339))
	case now.Sub(made) > h.maxAge:
		return fmt.Errorf("%w: it was made at %s, and is good for %s", ErrStale,
			made.Format(time.RFC3339), h.maxAge)
	default:
		return nil
	}
}

// Contains says whether a token is denied, by its tokID. Without a list none is: ask Usable first.
func (h *Held) Contains(id message.Hash) bool {
	l := h.List()
	return l != nil && l.Contains(id)
}
