package storedata

import (
	"encoding/binary"
	"fmt"
	"slices"

	"tapbench/pcsc/apdu"
)

// The status words of a personalisation.
const (
	errNoRoom  apdu.SW = 0x6A84
	errUnknown apdu.SW = 0x6A88
)

// Draft collects the blocks of one personalisation, as a card does. The zero value waits for block
// 00, which always begins anew; so does a draft whose last block was refused.
type Draft struct {
	next    int // number of the block that is due
	groups  []Group
	missing int // bytes of the last group's value
	used    int // bytes of the card's memory
}

// Format hides the keys, whatever the verb.
func (d *Draft) Format(f fmt.State, _ rune) { hidden(f, "Draft") }

// IsDue says whether a block of this number may come.
func (d *Draft) IsDue(number byte) bool { return number == 0 || int(number) == d.next }

// Store takes a block that is due. It returns all groupings with the last one, and
// nothing before. Errors are status words: 6A80 for a head that is cut, a length that a grouping
// can't have, one that comes twice, and a value that ends behind the last block; 6A84, 6A88, and
// 6985 for a grouping that is missing.
func (d *Draft) Store(rules Rules, p1, p2 byte, data []byte) ([]Group, error) {
	if p2 == 0 {
		*d = Draft{}
	}
	d.next = 0 // unless all goes well
	for len(data) > 0 {
		if d.missing == 0 {
			var err error
			if data, err = d.open(rules, data); err != nil {
				return nil, err
			}
		}
		last := &d.groups[len(d.groups)-1]
		n := min(d.missing, len(data))
		last.Value, data = append(last.Value, data[:n]...), data[n:]
		if d.missing -= n; d.missing == 0 && !rules.isValue(*last) {
			return nil, apdu.SWWrongData
		}
	}
	if p1 != LastBlock {
		d.next = int(p2) + 1
		return nil, nil
	}
	if d.missing != 0 {
		return nil, apdu.SWWrongData
	}
	if !rules.areAll(d.groups) {
		return nil, apdu.SWConditionsNotSatisfied
	}
	groups := d.groups
	*d = Draft{}
	return groups, nil
}

// open reads a head and begins its grouping. It returns what follows the head.
func (d *Draft) open(rules Rules, data []byte) ([]byte, error) {
	const short, long = 3, 5
	if len(data) < short || data[2] == longLength && len(data) < long {
		return nil, apdu.SWWrongData
	}
	id, n := DGI(binary.BigEndian.Uint16(data)), int(data[2])
	data = data[short:]
	if n == longLength {
		n = int(binary.BigEndian.Uint16(data))
		data = data[long-short:]
	}
	if err := rules.check(id, n); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(d.groups, func(g Group) bool { return g.ID == id }) {
		return nil, apdu.SWWrongData
	}
	if d.used += headLen + n; d.used > rules.room() {
		return nil, errNoRoom
	}
	d.groups, d.missing = append(d.groups, Group{ID: id}), n
	return data, nil
}
