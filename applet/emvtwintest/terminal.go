package emvtwintest

import (
	"bytes"
	"math/rand/v2"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// terminal makes commands by chance: some that a terminal would send next, some with a fault.
type terminal struct {
	*rand.Rand

	app    *image.Application
	blocks [][]byte // of a personalisation
	stored int      // how many of them were sent in their order

	waits bool // the last command asked for less than it gets
	phase int  // what comes next most often, of phases
}

// phases are the choices that lead on: SELECT, GET PROCESSING OPTIONS, then what a transaction has.
func phases() [3][]int {
	return [3][]int{{0}, {3}, {6, 8, 10, 13, 13, 13, 13}}
}

// isPlatforms says whether the answer to a command is a Java Card platform's and not the applet's:
// what isn't a short C-APDU, all before a selection, SELECT by anything that is the beginning of a
// name but a whole one for its first occurrence, and other logical channels.
func isPlatforms(raw []byte, selected bool) bool {
	c, err := apdu.ParseCommand(raw)
	if err != nil || isExtended(raw) {
		return true
	}
	if c.CLA == 0 && c.INS == 0xA4 && c.P1 == 0x04 {
		for _, name := range [][]byte{emvcardtest.AID(), []byte(wire.AIDPPSE)} {
			if bytes.HasPrefix(name, c.Data) {
				return len(c.Data) != len(name) || c.P2 != 0
			}
		}
		return !selected || len(c.Data) > 16
	}
	const manageChannel = 0x70
	class := apdu.Class(c.CLA)
	return !selected || c.CLA == 0 && c.INS == manageChannel || class.Coded() && class.Channel() != 0
}

func isExtended(raw []byte) bool { return len(raw) > 5 && raw[4] == 0 }

// next returns a command, or nil for a reset.
func (t *terminal) next() []byte {
	switch t.IntN(60) {
	case 0:
		return nil
	case 1:
		return emvcardtest.SelectName([]byte(wire.AIDPPSE))
	case 2:
		return t.noise()
	}
	c := t.command()
	if t.IntN(5) == 0 {
		c = t.fault(c)
	}
	t.waits = c.Ne < 16
	switch c.INS {
	case 0xA4:
		t.phase = 1
	case 0xA8:
		t.phase = 2
	case 0xAE:
		t.phase = 0
	}
	c.Data = c.Data[:min(len(c.Data), apdu.MaxShortNc)]
	raw, err := c.Encode()
	if err != nil {
		return emvcardtest.GenerateKey()
	}
	return raw
}

// command returns one that is well formed.
func (t *terminal) command() apdu.Command {
	const all = apdu.MaxShortNe
	if t.waits && t.IntN(3) > 0 {
		return apdu.Command{INS: 0xC0, Ne: t.IntN(all + 1)}
	}
	choice := t.IntN(16)
	if t.IntN(3) > 0 {
		lead := phases()[t.phase]
		choice = lead[t.IntN(len(lead))]
	}
	switch choice {
	case 0, 1, 2:
		return apdu.Command{INS: 0xA4, P1: 0x04, Data: t.app.AID, Ne: all}
	case 3, 4, 5:
		return apdu.Command{
			CLA: 0x80, INS: 0xA8, Ne: all,
			Data: tlv.Append(nil, emv.TagCommandTemplate, t.values(t.app.PDOL)),
		}
	case 6, 7:
		r := t.app.Records[t.IntN(len(t.app.Records))]
		return apdu.Command{INS: 0xB2, P1: r.Number, P2: r.SFI<<3 | 4, Ne: all}
	case 8:
		return apdu.Command{INS: 0x88, Data: t.random(4), Ne: all}
	case 9:
		tags := [...]uint16{0x9F36, 0x9F13, 0x9F17, 0x9F4F}
		tag := tags[t.IntN(len(tags))]
		return apdu.Command{
			CLA: 0x80, INS: 0xCA, P1: byte(tag >> 8), P2: byte(tag & 0xFF),
			Ne: [...]int{all, all, all, 3}[t.IntN(4)],
		}
	case 10:
		return apdu.Command{CLA: 0x80, INS: 0xEA, Data: t.random(4), Ne: all}
	case 11:
		return apdu.Command{INS: 0xC0, Ne: all}
	case 12:
		return t.block()
	default:
		types := [...]byte{0x40, 0x50, 0x50, 0x80, 0x90, 0x00, 0x10}
		return apdu.Command{
			CLA: 0x80, INS: 0xAE, P1: types[t.IntN(len(types))], Data: t.values(t.app.CDOL1), Ne: all,
		}
	}
}

// block returns the next block of a personalisation, or the first one.
func (t *terminal) block() apdu.Command {
	if t.IntN(16) == 0 {
		return apdu.Command{CLA: 0x80, INS: 0xE2}
	}
	if t.stored == len(t.blocks) || t.IntN(8) == 0 {
		t.stored = 0
	}
	c, err := apdu.ParseCommand(t.blocks[t.stored])
	if err != nil {
		return apdu.Command{CLA: 0x80, INS: 0xE2}
	}
	t.stored++
	return c
}

// values fill a list: small amounts and the limits' currency most of the time.
func (t *terminal) values(list []byte) []byte {
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		return nil
	}
	return tlv.Fill(nil, entries, func(tag tlv.Tag) ([]byte, bool) {
		switch tag {
		case emv.TagAmount:
			amount := []byte{0, 0, 0, 0, byte(t.IntN(10)), byte(t.IntN(10))<<4 | byte(t.IntN(10))}
			if t.IntN(12) == 0 {
				amount[t.IntN(6)] = byte(t.IntN(256))
			}
			return amount, true
		case emv.TagCurrency:
			if t.IntN(6) == 0 {
				return []byte{0x08, 0x40}, true
			}
			return t.app.Risk.Currency[:], true
		case emv.TagTVR:
			return []byte{[...]byte{0, 0, 0x40, 0x08, 0x04}[t.IntN(5)], 0, 0, 0, 0}, true
		}
		return t.random(8), true
	})
}

func (t *terminal) random(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(t.IntN(256))
	}
	return out
}

// fault changes one thing of a command.
func (t *terminal) fault(c apdu.Command) apdu.Command {
	c.Data = bytes.Clone(c.Data)
	switch t.IntN(12) {
	case 0:
		c.CLA = [...]byte{c.CLA ^ 0x80, c.CLA ^ 0x10, 0xFF}[t.IntN(3)]
	case 10, 11:
		c.CLA |= 0x04
	case 1:
		c.INS = byte(t.IntN(256))
	case 2:
		c.P1 = byte(t.IntN(256))
	case 3:
		c.P2 = byte(t.IntN(256))
	case 4:
		c.P1, c.P2 = c.P1^1<<t.IntN(8), c.P2^1<<t.IntN(8)
	case 5:
		c.Data = append(c.Data, t.random(1+t.IntN(8))...)
	case 6:
		c.Data = c.Data[:t.IntN(len(c.Data)+1)/(1+t.IntN(3)*t.IntN(200))]
	case 7:
		c.Ne = t.IntN(16)
	default:
		if len(c.Data) > 0 {
			c.Data[t.IntN(len(c.Data))] ^= 1 << t.IntN(8)
		}
	}
	return c
}

// noise returns a few bytes.
func (t *terminal) noise() []byte {
	if t.IntN(3) == 0 {
		return emvcardtest.SelectName(t.random(1 + t.IntN(16)))
	}
	raw := append([]byte{0x80, 0xE2, 0, 0, 0}, t.random(t.IntN(40))...)
	raw[4] = byte(len(raw) - 5)
	if t.IntN(2) == 0 {
		raw[0], raw[1] = byte(t.IntN(256)), byte(t.IntN(256))
	}
	return raw
}

// newTerminal makes a terminal for a fixture's card.
func newTerminal(r *rand.Rand, f *emvcardtest.Fixture, blocks [][]byte) *terminal {
	return &terminal{Rand: r, app: f.App(), blocks: blocks}
}

// Directory is the PPSE's grouping.
func Directory(f *emvcardtest.Fixture) ([]storedata.Group, error) {
	selection, err := storedata.SelectionOf([]byte(wire.AIDPPSE), f.Image.PPSE.FCI)
	return []storedata.Group{{ID: storedata.Selection, Value: selection}}, err
}
