package denylist

import (
	"crypto/ecdsa"
	"encoding/binary"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// delta leads from one list to a later one of the same salt. On the wire it is type || label ||
// header and signature of the later list || serial of the earlier one, 4 || number of swaps, 4 ||
// removed entries || added entries. It has no signature of its own: what comes of it must be what
// the TSM has signed.
type delta struct {
	head           signed
	from           uint32
	removed, added []entry // ascending, as many of the one as of the other
}

// deltaFixed is the length of what stands between the header and the entries.
const deltaFixed = 8

func (d delta) encode() []byte {
	raw := message.Encode(wire.MsgDenyDelta, d.head)
	raw = binary.BigEndian.AppendUint32(raw, d.from)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(d.added))) //nolint:gosec // at most MaxSize
	return appendEntries(appendEntries(raw, d.removed), d.added)
}

func parseDelta(raw []byte) (delta, error) {
	var d delta
	head, rest, err := cutHead(wire.MsgDenyDelta, raw)
	if err != nil {
		return d, err
	}
	if len(rest) < deltaFixed {
		return d, fmt.Errorf("%w: it ends behind its header", ErrFormat)
	}
	d.head, d.from = head, binary.BigEndian.Uint32(rest)
	swaps := binary.BigEndian.Uint32(rest[4:])
	rest = rest[deltaFixed:]
	if swaps > head.Header.Size {
		return d, fmt.Errorf("%w: %d swaps of %d entries", ErrSize, swaps, head.Header.Size)
	}
	half := int(swaps) * EntryLen
	if len(rest) != 2*half {
		return d, fmt.Errorf("%w: %d bytes of swaps, want %d", ErrFormat, len(rest), 2*half)
	}
	d.removed, d.added = splitEntries(rest[:half]), splitEntries(rest[half:])
	return d, nil
}

// Apply verifies a delta and returns the list that it leads to. The checks, in this order: it is a
// delta ([ErrFormat], [ErrSize]), of this list's TSM ([ErrIssuer], [ErrSignature]), from this
// list's serial to a later one ([ErrSerial]) with the same salt and size ([ErrSalt]), its entries
// are sorted ([ErrOrder]), the removed ones are there and the added ones aren't ([ErrChange]), and
// what comes of it is what the TSM has signed ([ErrEntries]).
func (l *List) Apply(raw []byte, key *ecdsa.PublicKey) (*List, error) {
	d, err := parseDelta(raw)
	if err != nil {
		return nil, err
	}
	own, next := l.head.Header, d.head.Header
	if err := d.head.check(own.TSM, key); err != nil {
		return nil, err
	}
	if d.from != own.Serial || next.Serial <= own.Serial {
		return nil, fmt.Errorf("%w: from %d to %d, at hand is %d", ErrSerial, d.from, next.Serial,
			own.Serial)
	}
	if next.Salt != own.Salt || next.Size != own.Size {
		return nil, ErrSalt
	}
	if !ascending(d.removed) || !ascending(d.added) {
		return nil, ErrOrder
	}
	entries, err := l.swap(d)
	if err != nil {
		return nil, err
	}
	return newList(d.head, entries)
}

// swap returns the list's entries after a delta.
func (l *List) swap(d delta) ([]entry, error) {
	entries, rest := make([]entry, 0, len(l.entries)), d.removed
	for _, e := range l.entries {
		if len(rest) > 0 && e == rest[0] {
			rest = rest[1:]
			continue
		}
		entries = append(entries, e)
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d entries to remove aren't there", ErrChange, len(rest))
	}
	entries = append(entries, d.added...)
	slices.SortFunc(entries, compare)
	if !ascending(entries) {
		return nil, fmt.Errorf("%w: an entry to add is there", ErrChange)
	}
	return entries, nil
}
