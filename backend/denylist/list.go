package denylist

import (
	"crypto/ecdsa"
	"fmt"
	"slices"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// The published sizes of a list are the powers of two from [MinSize] to [MaxSize] entries: 2 KiB to
// 8 MiB. At least half of a whole list is padding.
const (
	MinSize = 1 << 8
	MaxSize = 1 << 20
	// MaxDenied is how many tokens a list denies at most.
	MaxDenied = MaxSize / 2
)

// Header is what the TSM signs of a list: 72 bytes.
type Header struct {
	TSM    message.PartyID
	Serial uint32        // 1 and up
	Epoch  message.Epoch // the one in which it was made: expired tokens aren't in it
	Time   uint32        // when it was made, seconds since 1970 UTC
	Salt   Salt
	Size   uint32       // number of entries
	Sum    message.Hash // SHA-256 over the entries in their order
}

// Digest returns what SK_TSM signs.
func (h Header) Digest() message.Hash { return message.SumHash(wire.SigDenyList, h) }

// signed is a header on the wire.
type signed struct {
	Header    Header
	Signature message.Signature
}

// List is a verified deny list. It doesn't change.
type List struct {
	head    signed
	entries []entry // ascending
}

// Parse reads a whole list and verifies it. The checks, in this order: it is a list ([ErrFormat])
// of a published size ([ErrSize]), its length is that of its entries ([ErrFormat]), it is this
// TSM's ([ErrIssuer], [ErrSignature]), its entries are sorted ([ErrOrder]) and those that are
// signed ([ErrEntries]).
func Parse(raw []byte, tsm message.PartyID, key *ecdsa.PublicKey) (*List, error) {
	head, rest, err := cutHead(wire.SigDenyList, raw)
	if err != nil {
		return nil, err
	}
	if len(rest) != int(head.Header.Size)*EntryLen {
		return nil, fmt.Errorf("%w: %d bytes of entries, want %d", ErrFormat, len(rest),
			int(head.Header.Size)*EntryLen)
	}
	if err := head.check(tsm, key); err != nil {
		return nil, err
	}
	return newList(head, splitEntries(rest))
}

// cutHead reads a signed header. Its size is a published one.
func cutHead(t wire.MessageType, raw []byte) (head signed, rest []byte, err error) {
	n := message.Size[signed]()
	if len(raw) < n {
		return head, nil, fmt.Errorf("%w: %d bytes, want at least %d", ErrFormat, len(raw), n)
	}
	if head, err = message.Decode[signed](t, raw[:n]); err != nil {
		return head, nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	size := head.Header.Size
	if size < MinSize || size > MaxSize || size&(size-1) != 0 {
		return head, nil, fmt.Errorf("%w: %d entries", ErrSize, size)
	}
	return head, raw[n:], nil
}

// check verifies a header: whose it is, then the signature.
func (s signed) check(tsm message.PartyID, key *ecdsa.PublicKey) error {
	if s.Header.TSM != tsm {
		return fmt.Errorf("%w: %.8q", ErrIssuer, s.Header.TSM[:])
	}
	if err := message.VerifyParsed(key, s.Header.Digest(), s.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// newList puts a verified header and its entries together, or returns [ErrOrder] or [ErrEntries].
func newList(head signed, entries []entry) (*List, error) {
	if !ascending(entries) {
		return nil, ErrOrder
	}
	if sumOf(entries) != head.Header.Sum {
		return nil, ErrEntries
	}
	return &List{head, entries}, nil
}

// Header returns what is signed.
func (l *List) Header() Header { return l.head.Header }

// Made returns when the list was made.
func (l *List) Made() time.Time { return time.Unix(int64(l.head.Header.Time), 0).UTC() }

// Contains says whether a token is denied, by its tokID.
func (l *List) Contains(id message.Hash) bool {
	_, found := slices.BinarySearchFunc(l.entries, newEntry(l.head.Header.Salt, id), compare)
	return found
}

// Encode returns the whole list: type || label || header || signature || entries of 8 bytes.
func (l *List) Encode() []byte {
	return appendEntries(message.Encode(wire.SigDenyList, l.head), l.entries)
}
