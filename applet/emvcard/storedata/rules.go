package storedata

import (
	"bytes"
	"slices"

	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// Rules say which groupings an application takes.
type Rules byte

// The applications.
const (
	// Payment is the payment application.
	Payment Rules = iota
	// Directory is the PPSE.
	Directory
)

// What a card has room for, in bytes.
const (
	maxSFI       = 30
	maxRecord    = 254
	maxSelection = 232
	minOptions   = 2 + 2 + 2 + 4
	maxOptions   = 2 + 2 + 2 + 124 // a length in one byte
	maxPDOL      = 64              // its values: they stay in RAM for a transaction
	maxCDOL1     = 252             // its values: they come in one command
	limitsLen    = 1 + 1 + 1 + 6 + 6 + 2 + 1
	keyIndexAt   = limitsLen - 1
	relayLen     = 6
	keyLen       = 16

	roomPayment   = 1536
	roomDirectory = 240
)

func (r Rules) room() int {
	if r == Directory {
		return roomDirectory
	}
	return roomPayment
}

// check refuses a grouping that isn't known, 6A88, or can't have this length, 6A80.
func (r Rules) check(id DGI, n int) error {
	least, most, known := r.lengths(id)
	switch {
	case !known:
		return errUnknown
	case n < least || n > most:
		return apdu.SWWrongData
	}
	return nil
}

// lengths are those of a grouping's value.
func (r Rules) lengths(id DGI) (least, most int, known bool) {
	if id == Selection {
		return 2, maxSelection, true
	}
	if r == Directory {
		return 0, 0, false
	}
	if _, _, ok := id.Place(); ok {
		return 2, maxRecord, true
	}
	switch id { //nolint:exhaustive // records and the selection are above
	case Limits:
		return limitsLen, limitsLen, true
	case PDOL, CDOL1, DDOL:
		return 2, maxRecord, true
	case Relay:
		return relayLen, relayLen, true
	case MasterKey:
		return keyLen, keyLen, true
	case Options:
		return minOptions, maxOptions, true
	}
	return 0, 0, false
}

// isValue says whether a whole value is one that a card can work with.
func (Rules) isValue(g Group) bool {
	switch g.ID { //nolint:exhaustive // of the others a terminal judges
	case PDOL:
		return isList(g.Value, 1, maxPDOL)
	case CDOL1:
		return isList(g.Value, 1, maxCDOL1)
	case DDOL:
		return isList(g.Value, 1, maxCDOL1)
	case Limits:
		return areDigits(g.Value[3:keyIndexAt])
	case Options:
		return bytes.HasPrefix(g.Value, []byte{0x82, 0x02}) && g.Value[4] == 0x94 &&
			int(g.Value[5]) == len(g.Value)-6 && g.Value[2]&emv.AIPIssuer == 0
	}
	return true
}

// isList says whether a data object list is well formed and its values have so many bytes.
func isList(list []byte, least, most int) bool {
	entries, err := tlv.ParseDOL(list)
	n := tlv.DOLLen(entries)
	if err != nil || n < least || n > most {
		return false
	}
	return !slices.ContainsFunc(entries, func(e tlv.DOLEntry) bool {
		length, covered := lengths()[e.Tag]
		return covered && e.Len != length
	})
}

// lengths are those of the values that a cryptogram covers; a list asks for them by no other.
func lengths() map[tlv.Tag]int {
	return map[tlv.Tag]int{
		emv.TagAmount: 6, emv.TagAmountOther: 6, emv.TagCountry: 2, emv.TagTVR: 5,
		emv.TagCurrency: 2, emv.TagDate: 3, emv.TagTransactionType: 1, emv.TagUN: 4,
	}
}

// areDigits says whether all bytes are two decimal digits.
func areDigits(bcd []byte) bool {
	for _, b := range bcd {
		if b>>4 > 9 || b&0x0F > 9 {
			return false
		}
	}
	return true
}

// areAll says whether no grouping is missing.
func (r Rules) areAll(groups []Group) bool {
	needed := []DGI{Selection}
	if r == Payment {
		needed = []DGI{Selection, Options, MasterKey, CDOL1, Limits}
	}
	for _, id := range needed {
		if Find(groups, id) == nil {
			return false
		}
	}
	return true
}
