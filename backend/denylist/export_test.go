package denylist

import (
	"crypto/ecdsa"

	"tapbench/applet/message"
)

// Entry is an entry.
type Entry = entry

// NewEntry returns a token's entry.
func NewEntry(salt Salt, id message.Hash) Entry { return newEntry(salt, id) }

// Entries returns a copy of the list's entries.
func (l *List) Entries() []Entry { return append([]Entry(nil), l.entries...) }

// Signature returns the signature of the list's header.
func (l *List) Signature() message.Signature { return l.head.Signature }

// SumOf returns what a header says of entries.
func SumOf(entries []Entry) message.Hash { return sumOf(entries) }

// Forge encodes a whole list of any header and entries, signed by a key.
func Forge(key *ecdsa.PrivateKey, h Header, entries []Entry) ([]byte, error) {
	sig, err := message.Sign(key, h.Digest())
	return (&List{signed{h, sig}, entries}).Encode(), err
}

// Delta is a delta of any content.
type Delta struct {
	Header         Header
	From           uint32
	Removed, Added []Entry
}

// ParseDelta reads a delta.
func ParseDelta(raw []byte) (Delta, error) {
	d, err := parseDelta(raw)
	return Delta{d.head.Header, d.from, d.removed, d.added}, err
}

// Forge encodes the delta, its header signed by a key.
func (d Delta) Forge(key *ecdsa.PrivateKey) ([]byte, error) {
	sig, err := message.Sign(key, d.Header.Digest())
	return delta{signed{d.Header, sig}, d.From, d.Removed, d.Added}.encode(), err
}
