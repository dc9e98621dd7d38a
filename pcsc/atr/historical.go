package atr

import (
	"bytes"
	"fmt"
	"strings"
)

// historical reads the historical bytes.
func (p *parser) historical(n int) {
	if p.fault != nil {
		return
	}
	if there := len(p.in) - p.at; n > there {
		p.at = len(p.in)
		p.fail(fmt.Sprintf("%s announced, %d there", plural(n, "historical byte"), there))
		return
	}
	if n == 0 {
		return
	}
	off := p.at
	h := p.in[off : off+n]
	p.atr.Historical = bytes.Clone(h)
	p.at += n
	p.atr.Items = append(p.atr.Items, Item{
		Off: off, Len: n, Name: "historical bytes", Text: category(h[0]),
	})
	if p.atr.Contactless == Processor && isMemoryCard(h) {
		p.atr.Contactless = Memory
		p.memoryCard(off, h)
		return
	}
	p.categorised(off, h)
}

// madeUp reports whether the answer to reset begins as a reader of contactless cards makes it up.
func (p *parser) madeUp() bool {
	return len(p.in) >= 4 && p.in[0] == direct && p.in[1]&0xF0 == 0x80 && p.in[2] == 0x80 &&
		p.in[3] == 0x01
}

// category says what the first historical byte says of the others (ISO/IEC 7816-4:2005, 8.1.1.1).
func category(v byte) string {
	switch {
	case v == 0x00:
		return "compact TLV and a status indicator"
	case v == 0x10:
		return "a reference to DIR data"
	case v == 0x80:
		return "compact TLV"
	case v&0xF0 == 0x80:
		return reserved
	default:
		return "proprietary"
	}
}

// categorised reads the historical bytes as their first one says.
func (p *parser) categorised(off int, h []byte) {
	switch h[0] {
	case 0x00:
		if len(h) < 4 {
			p.atr.Faults = append(p.atr.Faults, "the historical bytes have no status indicator")
			return
		}
		status := len(h) - 3
		p.compact(off+1, h[1:status])
		p.within(off+status, 3, "status indicator", lifeCycleAndStatus(h[status:]))
	case 0x10:
		if len(h) > 1 {
			p.within(off+1, 1, "DIR data reference", fmt.Sprintf("%02X", h[1]))
		}
	case 0x80:
		p.compact(off+1, h[1:])
	}
}

// within adds an item that lies in the historical bytes.
func (p *parser) within(off, n int, name, text string) {
	p.atr.Items = append(p.atr.Items, Item{Off: off, Len: n, Depth: 1, Name: name, Text: text})
}

// compact reads COMPACT-TLV data objects: tag and length share a byte (8.1.1.2.1).
func (p *parser) compact(off int, b []byte) {
	for len(b) > 0 {
		tag, n := b[0]>>4, int(b[0]&0x0F)
		if n > len(b)-1 {
			p.atr.Faults = append(p.atr.Faults, fmt.Sprintf(
				"a data object of the historical bytes announces %s, %d are there",
				plural(n, "byte"), len(b)-1))
			return
		}
		name, text := object(tag, b[1:1+n])
		p.within(off, 1+n, name, text)
		off, b = off+1+n, b[1+n:]
	}
}

// object says what a COMPACT-TLV data object is: tag '1' here is '41' in BER-TLV (8.1.1.2).
func object(tag byte, v []byte) (name, text string) {
	switch tag {
	case 0x1:
		return "country code", digits(v)
	case 0x2:
		return "issuer identification number", digits(v)
	case 0x3:
		return "card service data", serviceData(v)
	case 0x4:
		return "initial access data", fmt.Sprintf("% X", v)
	case 0x5:
		return "card issuer's data", printable(v)
	case 0x6:
		return "pre-issuing data", printable(v)
	case 0x7:
		return "card capabilities", capabilities(v)
	case 0x8:
		return "status information", statusInformation(v)
	case 0xF:
		return "application identifier", fmt.Sprintf("% X", v)
	default:
		return fmt.Sprintf("data object %X", tag), fmt.Sprintf("% X", v)
	}
}

// digits writes BCD, padded with F.
func digits(v []byte) string { return strings.TrimRight(fmt.Sprintf("%X", v), "F") }

// printable writes bytes, as text if all of them are printable ASCII.
func printable(v []byte) string {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return fmt.Sprintf("% X", v)
		}
	}
	return fmt.Sprintf("%q", v)
}

// statusInformation is one byte of life cycle, two of status, or both (8.1.1.3).
func statusInformation(v []byte) string {
	switch len(v) {
	case 1:
		return lifeCycle(v[0])
	case 2:
		return fmt.Sprintf("SW %X", v)
	case 3:
		return lifeCycleAndStatus(v)
	default:
		return fmt.Sprintf("% X", v)
	}
}

func lifeCycleAndStatus(v []byte) string {
	return fmt.Sprintf("%s, SW %X", lifeCycle(v[0]), v[1:3])
}

// lifeCycle is a card's life cycle status byte (5.3.3.2, table 13).
func lifeCycle(v byte) string {
	switch {
	case v == 0:
		return "no life cycle information"
	case v == 1:
		return "creation state"
	case v == 3:
		return "initialisation state"
	case v&0xFD == 0x05:
		return "operational, activated"
	case v&0xFD == 0x04:
		return "operational, deactivated"
	case v&0xFC == 0x0C:
		return "terminated"
	case v >= 0x10:
		return fmt.Sprintf("proprietary life cycle %02X", v)
	default:
		return fmt.Sprintf("life cycle %02X", v)
	}
}

// serviceData is the card service data byte (8.1.1.2.3).
func serviceData(v []byte) string {
	if len(v) != 1 {
		return fmt.Sprintf("% X", v)
	}
	parts := flags(v[0], []flag{
		{0x80, "selects by full DF name"},
		{0x40, "selects by partial DF name"},
		{0x20, "has an EF.DIR"},
		{0x10, "has an EF.ATR"},
	})
	switch v[0] & 0x0E {
	case 0x08:
		parts = append(parts, "read by READ BINARY")
	case 0x04:
		parts = append(parts, "read by GET DATA")
	case 0x00:
		parts = append(parts, "read by READ RECORD")
	}
	if v[0]&0x01 != 0 {
		return strings.Join(append(parts, "no MF"), ", ")
	}
	return strings.Join(append(parts, "has an MF"), ", ")
}

// capabilities are one to three software function tables (8.1.1.2.7).
func capabilities(v []byte) string {
	if len(v) < 1 || len(v) > 3 {
		return fmt.Sprintf("% X", v)
	}
	parts := flags(v[0], []flag{
		{0x80, "full DF name"},
		{0x40, "partial DF name"},
		{0x20, "path"},
		{0x10, "file identifier"},
		{0x08, "implicit DF selection"},
		{0x04, "short EF identifier"},
		{0x02, "record number"},
		{0x01, "record identifier"},
	})
	if len(v) > 1 {
		parts = append(parts, fmt.Sprintf("data units of %s", unit(v[1]&0x0F)))
	}
	if len(v) > 2 {
		parts = append(parts, flags(v[2], []flag{
			{0x80, "command chaining"}, {0x40, "extended Lc and Le"},
		})...)
		parts = append(parts, channels(v[2]))
	}
	return strings.Join(parts, ", ")
}

// unit is the size of a data unit: a power of two of quartets.
func unit(exponent byte) string {
	if exponent == 0 {
		return "half a byte"
	}
	return plural(1<<(exponent-1), "byte")
}

// channels are the logical channels of the third software function table.
func channels(v byte) string {
	if v&0x18 == 0 {
		return "no logical channels but the basic one"
	}
	if v&0x07 == 0x07 {
		return "8 or more logical channels"
	}
	return plural(int(v&0x07)+1, "logical channel")
}

type flag struct {
	bit  byte
	text string
}

// flags returns the texts of the bits that are set.
func flags(v byte, all []flag) []string {
	var set []string
	for _, f := range all {
		if v&f.bit != 0 {
			set = append(set, f.text)
		}
	}
	return set
}
