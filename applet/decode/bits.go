package decode

import (
	"slices"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// Bit is one bit of a data element, or a group of bits that have one meaning together.
type Bit struct {
	// Byte counts from 1, the leftmost.
	Byte int
	// Bit is 8 for the highest bit of a byte, 1 for the lowest; of a group it is the highest.
	Bit int
	// Set says that the bit is 1. A group is always set.
	Set bool
	// Text is the meaning of the bit when it is set, or of the group's value.
	Text string
}

// Bits returns the meaning of the bits of a data element, byte by byte from the highest bit, or nil
// for an element that isn't a field of bits. Bits without a meaning are there only when they are
// set, as "reserved". Sources: EMV 4.3 Book 3, annex C (AIP, AUC, CID in table 14, issuer action
// codes, TSI, TVR), Book 4, annex A (CVM results, terminal capabilities); EMV Contactless Book A
// 2.6 (TTQ) and C-3 2.6 (CTQ). Of issuer application data (9F10) they are those of the card
// verification results, where their layout is known.
func Bits(tag tlv.Tag, value []byte) []Bit { return bitsOf(tag, value, true) }

// SetBits returns those of [Bits] that are set.
func SetBits(tag tlv.Tag, value []byte) []Bit {
	return slices.DeleteFunc(bitsOf(tag, value, false), func(b Bit) bool { return !b.Set })
}

// bitsOf returns bits; of a table those that aren't set only if they are asked for.
func bitsOf(tag tlv.Tag, value []byte, unset bool) []Bit {
	switch tag {
	case emv.TagCID:
		return cidBits(value)
	case 0x9F34:
		return cvmResultBits(value)
	case emv.TagIAD:
		return issuerDataBits(value)
	}
	text := bitTextOf(tag)
	if text == nil {
		return nil
	}
	var bits []Bit
	for i, b := range value {
		for j := range 8 {
			set := b&(0x80>>j) != 0
			if !set && !unset {
				continue
			}
			meaning := text(8*i + j)
			if meaning == "" && set {
				meaning = "reserved"
			}
			if meaning != "" {
				bits = append(bits, Bit{Byte: i + 1, Bit: 8 - j, Set: set, Text: meaning})
			}
		}
	}
	return bits
}

// bitTextOf returns the table of an element's bits, counted from the highest of the first byte, or
// nil. A table gives "" beyond its end.
func bitTextOf(tag tlv.Tag) func(int) string {
	switch tag {
	case emv.TagAIP:
		return aipText
	case emv.TagUsageControl:
		return usageText
	case emv.TagTVR, emv.TagIACDefault, emv.TagIACDenial, emv.TagIACOnline:
		return tvrText
	case 0x9B:
		return tsiText
	case 0x9F33:
		return capabilityText
	case 0x9F40:
		return additionalCapabilityText
	case 0x9F66:
		return ttqText
	case 0x9F6C:
		return ctqText
	default:
		return nil
	}
}

// cidBits reads the cryptogram information data, 1 byte.
func cidBits(value []byte) []Bit {
	if len(value) != 1 {
		return nil
	}
	b := value[0]
	bits := []Bit{
		{Byte: 1, Bit: 8, Set: true, Text: cryptogramType(b)},
		{Byte: 1, Bit: 4, Set: b&0x08 != 0, Text: "advice required"},
	}
	reason := [8]string{
		"", "service not allowed", "PIN try limit exceeded",
		"issuer authentication failed", "reserved", "reserved", "reserved", "reserved",
	}[b&0x07]
	if reason != "" {
		bits = append(bits, Bit{Byte: 1, Bit: 3, Set: true, Text: reason})
	}
	return bits
}

// cryptogramType returns what the two highest bits of CID, or of GENERATE AC's P1, stand for.
func cryptogramType(b byte) string { return [4]string{"AAC", "TC", "ARQC", "reserved"}[b>>6] }

// cvmResultBits reads the CVM results, 3 bytes.
func cvmResultBits(value []byte) []Bit {
	if len(value) != 3 {
		return nil
	}
	return []Bit{
		{Byte: 1, Bit: 7, Set: value[0]&0x40 != 0, Text: "apply the next rule if this one fails"},
		{Byte: 1, Bit: 6, Set: true, Text: cvmMethod(value[0])},
		{Byte: 2, Bit: 8, Set: true, Text: cvmCondition(value[1])},
		{Byte: 3, Bit: 8, Set: true, Text: cvmOutcome(value[2])},
	}
}
