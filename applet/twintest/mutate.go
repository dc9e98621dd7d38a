package twintest

import (
	"bytes"
	"math/rand/v2"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// mutator changes commands by chance.
type mutator struct {
	*rand.Rand
	corpus   *corpus
	selected wire.AID
}

// kind returns one of the commands of the application that is selected, seldom of another one.
func (m *mutator) kind() kind {
	kinds := m.corpus.kinds[m.selected]
	if len(kinds) == 0 || m.IntN(16) == 0 {
		all := applications()
		kinds = m.corpus.kinds[all[m.IntN(len(all))]]
	}
	return kinds[m.IntN(len(kinds))]
}

// mutate returns one command changed, as one or several commands.
func (m *mutator) mutate(raw []byte) [][]byte {
	c, err := apdu.ParseCommand(raw)
	if err != nil {
		return [][]byte{m.noise(raw)}
	}
	c.Data = bytes.Clone(c.Data)
	switch m.IntN(14) {
	case 0:
		c.CLA = m.class(c.CLA)
	case 1:
		c.INS = m.instruction()
	case 2:
		c.P1 = m.parameter(c.P1, 9)
	case 3:
		c.P2 = m.parameter(c.P2, 3)
	case 4:
		c.Data = m.length(c.Data)
	case 5:
		c.Ne = []int{0, 1, 2, 16, 255, 256}[m.IntN(6)]
	case 6, 7, 8:
		m.change(c.Data)
	case 9:
		c.Data = m.splice(c)
	case 10:
		return m.links(c)
	case 11:
		return [][]byte{m.noise(raw)}
	case 12:
		c.CLA ^= byte(wire.CLAChaining)
	default:
		c.P1, c.P2 = m.parameter(c.P1, 9), m.parameter(c.P2, 3)
	}
	return [][]byte{encoded(c, raw)}
}

// encoded returns a command's bytes, or others where it has none of the short form.
func encoded(c apdu.Command, instead []byte) []byte {
	c.Data = c.Data[:min(len(c.Data), apdu.MaxShortNc)]
	c.Ne = min(c.Ne, apdu.MaxShortNe)
	raw, err := c.Encode()
	if err != nil {
		return instead
	}
	return raw
}

func (m *mutator) class(cla byte) byte {
	return []byte{cla ^ 0x80, cla | 0x04, cla ^ 0x10, 0x20, 0x60, 0xA0, 0xC0, 0xFF, 0x08}[m.IntN(9)]
}

func (m *mutator) instruction() byte {
	if m.IntN(3) == 0 {
		return byte(m.IntN(256))
	}
	return m.kind().ins
}

func (m *mutator) parameter(p byte, usual int) byte {
	switch m.IntN(5) {
	case 0:
		return byte(m.IntN(256))
	case 1:
		return p + 1
	case 2:
		return p ^ 1<<m.IntN(8)
	default:
		return byte(m.IntN(usual))
	}
}

func (m *mutator) length(data []byte) []byte {
	switch n := len(data); m.IntN(6) {
	case 0:
		return append(data, byte(m.IntN(256)))
	case 1:
		return data[:max(n-1, 0)]
	case 2:
		return data[min(n, 1):]
	case 3:
		return nil
	case 4:
		return data[:m.IntN(n+1)]
	default:
		return append(data, make([]byte, m.IntN(256))...)
	}
}

// change changes a few bytes: one bit, one byte, a number by one, or a run.
func (m *mutator) change(data []byte) {
	if len(data) == 0 {
		return
	}
	at := m.IntN(len(data))
	if m.IntN(3) == 0 {
		at = m.IntN(min(len(data), 8)) // where amounts and counters lie
	}
	switch m.IntN(6) {
	case 0:
		data[at] ^= 1 << m.IntN(8)
	case 1:
		data[at] = byte(m.IntN(256))
	case 2:
		data[at]++
	case 3:
		data[at]--
	case 4:
		clear(data[at:min(at+1+m.IntN(8), len(data))])
	default:
		for i := at; i < min(at+1+m.IntN(8), len(data)); i++ {
			data[i] = byte(m.IntN(256))
		}
	}
}

// splice puts a part of another command of the same kind into the data.
func (m *mutator) splice(c apdu.Command) []byte {
	var others []Step
	for _, k := range m.corpus.kinds[m.selected] {
		if k.ins == c.INS {
			others = m.corpus.library[k]
			break
		}
	}
	if len(others) == 0 || len(c.Data) == 0 {
		return c.Data
	}
	other, err := apdu.ParseCommand(others[m.IntN(len(others))].Command)
	if err != nil {
		return c.Data
	}
	from := m.IntN(len(c.Data))
	to := min(from+1+m.IntN(64), len(c.Data), len(other.Data))
	if from < to {
		copy(c.Data[from:to], other.Data[from:to])
	}
	return c.Data
}

// links sends the data in a chain, whether the command knows chains or not; sometimes another one
// comes between.
func (m *mutator) links(c apdu.Command) (out [][]byte) {
	for n := 1 + m.IntN(2); n > 0 && len(c.Data) > 1; n-- {
		link := c
		link.CLA |= byte(wire.CLAChaining)
		at := 1 + m.IntN(len(c.Data)-1)
		link.Data, c.Data = c.Data[:at], c.Data[at:]
		out = append(out, encoded(link, nil))
	}
	switch m.IntN(6) {
	case 0:
		return out // without an end
	case 1:
		c.P1 ^= 1
	case 2:
		c.INS = m.instruction()
	}
	return append(out, encoded(c, nil))
}

// noise changes the bytes of a command as if they were no command.
func (m *mutator) noise(raw []byte) []byte {
	raw = bytes.Clone(raw)
	switch m.IntN(4) {
	case 0:
		return raw[:max(apdu.MinCommand, m.IntN(len(raw)+1))]
	case 1:
		return append(raw, byte(m.IntN(256)))
	default:
		m.change(raw)
	}
	return raw
}
