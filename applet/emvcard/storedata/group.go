package storedata

import (
	"encoding/binary"
	"fmt"
	"io"

	"tapbench/pcsc/apdu"
)

// DGI is the number of a data grouping. 0101 to 1EFF are records: file, record.
type DGI uint16

// The groupings that aren't records.
const (
	// Limits of card risk management: [limitsLen] bytes.
	Limits DGI = 0x3000 + iota
	// PDOL is the data object list that is also in the answer to SELECT.
	PDOL
	// CDOL1 is the one that is also in a record.
	CDOL1
	// DDOL is the one that is also in a record.
	DDOL
	// Relay are the times of relay resistance: minimum, maximum, transmission [2] each.
	Relay
	// MasterKey is MK_AC [16].
	MasterKey DGI = 0x8000
	// Selection is the template A5 of what SELECT answers.
	Selection DGI = 0x9102
	// Options is 82 AIP [2], 94 AFL.
	Options DGI = 0x9104
)

// Record returns the grouping of a record.
func Record(sfi, number byte) DGI { return DGI(sfi)<<8 | DGI(number) }

// String returns the four digits.
func (d DGI) String() string { return fmt.Sprintf("%04X", uint16(d)) }

// Place returns which record a grouping is, if it is one.
func (d DGI) Place() (sfi, number byte, ok bool) {
	sfi, number = byte(d>>8), byte(d&0xFF)
	return sfi, number, sfi >= 1 && sfi <= maxSFI && number != 0
}

// LastBlock is P1 of the last STORE DATA; that of the others is 00.
const LastBlock = 0x80

// Group is a data grouping. It may hold keys: it prints as its number.
type Group struct {
	ID    DGI    `json:"dgi"`
	Value []byte `json:"value"`
}

// Format hides the value, whatever the verb.
func (g Group) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "DGI %s", g.ID.String()) }

var _ fmt.Formatter = Group{}

const (
	longLength = 0xFF // the length follows in two bytes
	classStore = 0x80
	insStore   = 0xE2
	headLen    = 4 // of a grouping in the card's memory: DGI, length [2]
)

// appendHead appends DGI [2] || length [1, from 255 on FF and 2].
func (g Group) appendHead(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(g.ID))
	n := len(g.Value)
	if n < longLength {
		return append(dst, byte(n))
	}
	return binary.BigEndian.AppendUint16(append(dst, longLength), uint16(n&0xFFFF))
}

// Commands returns the STORE DATA commands that carry groupings: each block is as full as it can
// be, and no head is cut. More than 256 blocks can't be numbered; what a card takes has 10.
func Commands(groups []Group) []apdu.Command {
	var blocks [][]byte
	block := make([]byte, 0, apdu.MaxShortNc)
	for _, g := range groups {
		head := g.appendHead(nil)
		if len(block)+len(head) > apdu.MaxShortNc {
			blocks, block = append(blocks, block), nil
		}
		block = append(block, head...)
		for rest := g.Value; len(rest) > 0; {
			if len(block) == apdu.MaxShortNc {
				blocks, block = append(blocks, block), nil
			}
			n := min(len(rest), apdu.MaxShortNc-len(block))
			block, rest = append(block, rest[:n]...), rest[n:]
		}
	}
	blocks = append(blocks, block)
	commands := make([]apdu.Command, len(blocks))
	for i, data := range blocks {
		commands[i] = apdu.Command{CLA: classStore, INS: insStore, P2: byte(i & 0xFF), Data: data}
	}
	commands[len(commands)-1].P1 = LastBlock
	return commands
}

// Find returns the value of a grouping, nil if it isn't there.
func Find(groups []Group, id DGI) []byte {
	for _, g := range groups {
		if g.ID == id {
			return g.Value
		}
	}
	return nil
}

// hidden is what values print as.
func hidden(f fmt.State, name string) { _, _ = io.WriteString(f, name+"(hidden)") }
