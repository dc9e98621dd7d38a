package entry

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// What a directory may name.
const (
	minAID, maxAID = 5, 16
	maxLabel       = 16
	maxPSEFile     = 10 // the directory's SFI is 1 to 10 (Book 1, 12.2.3)
	mustConfirm    = 0x80
	priorityMask   = 0x0F
)

// fci is what the answer to SELECT says.
type fci struct {
	name []byte
	own  []byte // value of A5
}

// parseFCI takes 6F { 84, A5 } apart; either may stand anywhere in it, beside others.
func parseFCI(b []byte) (fci, error) {
	if err := tlv.Check(b); err != nil {
		return fci{}, err
	}
	body, err := tlv.Find(b, emv.TagFCI)
	if err != nil {
		return fci{}, err
	}
	name, err := tlv.Find(body, emv.TagDFName)
	if err != nil {
		return fci{}, err
	}
	if len(name) < minAID || len(name) > maxAID {
		return fci{}, fmt.Errorf("%w: 84 has %d bytes, want %d to %d", ErrData, len(name), minAID,
			maxAID)
	}
	own, err := tlv.Find(body, emv.TagFCIProprietary)
	if err != nil {
		return fci{}, err
	}
	return fci{name: name, own: own}, nil
}

// describe fills in what an entry of a directory, or an application's own FCI, says of it. What is
// longer than it may be is left out: it is for display alone (Book 1, 12.2.4).
func (c *Candidate) describe(objects []byte) {
	value := func(tag tlv.Tag) []byte {
		v, _, _ := tlv.Lookup(objects, tag) // they were checked
		return v
	}
	if label := value(emv.TagLabel); len(label) <= maxLabel {
		c.Label = string(label)
	}
	if name := value(emv.TagPreferredName); len(name) <= maxLabel {
		c.Preferred = string(name)
	}
	if table := value(emv.TagCodeTable); len(table) == 1 {
		c.Table = table[0]
	}
	if p := value(emv.TagPriority); len(p) == 1 {
		c.Priority, c.Confirm = p[0]&priorityMask, p[0]&mustConfirm != 0
	}
}

// entries calls found for each application that a directory names, with the directory's entry. One
// of another directory (9D) may be passed over (Book 1, 12.2.3).
func entries(
	directory []byte, found func(Candidate, []byte), remark func(text string),
) error {
	return emv.Directory(directory, func(entry []byte) error {
		name, _, _ := tlv.Lookup(entry, emv.TagADFName) // it was checked
		switch {
		case len(name) >= minAID && len(name) <= maxAID:
			c := Candidate{Candidate: emv.Candidate{AID: name}}
			c.describe(entry)
			found(c, entry)
		case holds(entry, emv.TagDDF):
			remark("directory entry of another directory (9D) passed over")
		default:
			remark("directory entry without an ADF name (4F) of 5 to 16 bytes passed over")
		}
		return nil
	})
}

func holds(b []byte, tag tlv.Tag) bool {
	_, ok, _ := tlv.Lookup(b, tag) // they were checked
	return ok
}
