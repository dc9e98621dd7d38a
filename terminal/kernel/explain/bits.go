package explain

import (
	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/rules"
)

// bitsOf returns the bits of a value that are set, each with a clause.
func bitsOf(tag tlv.Tag, value []byte, of func(byteNo, bit int) string) []Bit {
	var bits []Bit
	for _, b := range decode.SetBits(tag, value) {
		bits = append(bits, Bit{b.Byte, b.Bit, b.Text, of(b.Byte, b.Bit)})
	}
	return bits
}

// noClause is of bits whose clause is that of the fact that they are.
func noClause(int, int) string { return "" }

// tvrBits are the bits of a TVR that are set, each with the clause of the step that sets it.
func tvrBits(t rules.TVR) []Bit { return bitsOf(emv.TagTVR, t[:], tvrClause) }

// tvrClause returns which clause sets a bit of the TVR (annex C5 lists them all).
func tvrClause(byteNo, bit int) string {
	if byteNo < 1 || byteNo > 5 || bit < 1 || bit > 8 {
		return clause.Book3 + "annex C5"
	}
	const contactless = clause.Contactless
	number := [5][8]string{
		{"10.3", "10.3", "7.5", "", "10.3", "10.3", "10.3"},
		{"10.4.1", "10.4.3", "10.4.3", "10.4.2", "10.6.3"},
		{"10.5", "10.5", "10.5.1", "10.5", "10.5", "10.5.2"},
		{"10.6.1", "10.6.3", "10.6.3", "10.6.2", ""},
		{"", "10.9", "10.10", "10.10", contactless, contactless, contactless, contactless},
	}[byteNo-1][8-bit]
	switch number {
	case contactless:
		return contactless
	case "":
		return clause.Book3 + "annex C5"
	default:
		return clause.Book3 + number
	}
}

// tsiBits are the bits of a TSI that are set, each with the clause of the step that was performed.
func tsiBits(t rules.TSI) []Bit { return bitsOf(emv.TagTSI, t[:], tsiClause) }

func tsiClause(byteNo, bit int) string {
	number := ""
	if byteNo == 1 {
		number = map[int]string{
			8: "10.3", 7: "10.5", 6: "10.8", 5: "10.9", 4: "10.6", 3: "10.10",
		}[bit]
	}
	if number == "" {
		return clause.Book3 + "annex C6"
	}
	return clause.Book3 + number
}
