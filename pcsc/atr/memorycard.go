package atr

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// storageRID is the PC/SC Workgroup's registered application provider identifier.
const storageRID = "\xA0\x00\x00\x03\x06"

// isMemoryCard reports whether historical bytes are those that a reader gives a contactless memory
// card: 80, 4F, a length, the RID, a standard and a name (PC/SC Part 3 v2.01.09, 3.1.3.2.3.2).
func isMemoryCard(h []byte) bool {
	return len(h) >= 11 && h[0] == 0x80 && h[1] == 0x4F && bytes.HasPrefix(h[3:], []byte(storageRID))
}

// memoryCard reads the standard and the name of a memory card.
func (p *parser) memoryCard(off int, h []byte) {
	name := binary.BigEndian.Uint16(h[9:11])
	p.atr.Card = cardName(name)
	p.within(off+3, len(storageRID), "RID", "PC/SC Workgroup")
	p.within(off+8, 1, "standard", standardName(h[8]))
	text := p.atr.Card
	if text == "" {
		text = fmt.Sprintf("%04X", name)
	}
	p.within(off+9, 2, "card name", text)
}

// standardName returns the standard of a memory card (PC/SC Part 3, Supplemental Document,
// Registered Standards).
func standardName(v byte) string {
	switch v {
	case 0x00:
		return "not given"
	case 0x01, 0x02, 0x03:
		return fmt.Sprintf("ISO/IEC 14443 A, part %d", v)
	case 0x05, 0x06, 0x07:
		return fmt.Sprintf("ISO/IEC 14443 B, part %d", v-4)
	case 0x09, 0x0A, 0x0B, 0x0C:
		return fmt.Sprintf("ISO/IEC 15693, part %d", v-8)
	case 0x0D:
		return "ISO/IEC 7816-10, I2C"
	case 0x0E:
		return "ISO/IEC 7816-10, extended I2C"
	case 0x0F:
		return "ISO/IEC 7816-10, 2-wire"
	case 0x10:
		return "ISO/IEC 7816-10, 3-wire"
	case 0x11:
		return "FeliCa"
	case 0x40:
		return "low frequency"
	default:
		return fmt.Sprintf("unknown (%02X)", v)
	}
}

// cardName returns the name of a memory card, or "": those of the PC/SC Part 3 Supplemental
// Document that are met, and the ones that readers with NXP's PN532 add.
func cardName(v uint16) string {
	switch v {
	case 0x0001:
		return "MIFARE Classic 1K"
	case 0x0002:
		return "MIFARE Classic 4K"
	case 0x0003:
		return "MIFARE Ultralight"
	case 0x0026:
		return "MIFARE Mini"
	case 0x0036:
		return "MIFARE Plus SL1 2K"
	case 0x0037:
		return "MIFARE Plus SL1 4K"
	case 0x0038:
		return "MIFARE Plus SL2 2K"
	case 0x0039:
		return "MIFARE Plus SL2 4K"
	case 0x003A:
		return "MIFARE Ultralight C"
	case 0x003B:
		return "FeliCa"
	case 0xF004:
		return "Topaz or Jewel"
	case 0xF011:
		return "FeliCa 212 kbit/s"
	case 0xF012:
		return "FeliCa 424 kbit/s"
	default:
		return ""
	}
}
