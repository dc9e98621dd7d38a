package general

import (
	"encoding/binary"
	"fmt"
	"math"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/outcome"
)

// said is what the terminal says of itself and of the transaction: values for lists.
type said struct {
	amount, other       [6]byte
	binary, otherBinary [4]byte
	date, time          [3]byte
	un, number          [4]byte
	floor               [4]byte
	kind, entryMode     [1]byte
	terminalType        [1]byte
	exponent            [1]byte
	version             [2]byte
	qualifiers          [4]byte
	caIndex             [1]byte
	tcHash              []byte
	code                []byte // 8A
	issuerAuth          []byte // 91
}

// Where a card was read (9F39, as ISO 8583:1987 codes it in bit 22).
const (
	modeChip        = 0x05
	modeContactless = 0x07
)

// say fills in what doesn't depend on the card.
func (t *transaction) say() {
	s, sum := &t.terminal, t.Amount+t.Cashback
	s.amount, _ = emv.N12(sum) // at most 12 digits: Pay has seen to that
	s.other, _ = emv.N12(t.Cashback)
	s.binary, s.otherBinary = b4(sum), b4(t.Cashback)
	s.date = emv.Date(t.now)
	hour, minute, second := t.now.Clock()
	s.time = [3]byte{emv.BCD(hour), emv.BCD(minute), emv.BCD(second)}
	number := t.Number % 1e8
	for i := 3; i >= 0; i-- {
		s.number[i] = emv.BCD(int(number % 100))
		number /= 100
	}
	s.kind[0], s.entryMode[0] = byte(t.Type), modeChip
	s.terminalType[0], s.exponent[0] = t.config.Terminal.Type, t.config.Terminal.Exponent
}

// b4 is an amount in binary; what doesn't fit is the most that does.
func b4(minor uint64) (out [4]byte) {
	binary.BigEndian.PutUint32(out[:], uint32(min(minor, math.MaxUint32)))
	return out
}

// sayApplication fills in what depends on the application.
func (t *transaction) sayApplication(directory string) {
	if directory == entry.FromPPSE {
		t.terminal.entryMode[0] = modeContactless
	}
	if v := t.application.Versions; len(v) > 0 {
		t.terminal.version = v[0]
	}
	t.terminal.floor = b4(t.application.Limits.Floor)
	t.qualify()
}

// fill returns the values that a list asks for.
func (t *transaction) fill(tag tlv.Tag, list []byte, most int) ([]byte, error) {
	n, err := listLen(list)
	if err != nil {
		return nil, outcome.Terminated(clause.Erroneous, emv.Describe(tag)+" isn't a data object list", err)
	}
	if n > most {
		return nil, outcome.Terminated(clause.DOL,
			fmt.Sprintf("%s asks for %d bytes, a command carries %d", emv.Describe(tag), n, most), nil)
	}
	values := make([]byte, 0, n)
	for entry := [1]tlv.DOLEntry{}; len(list) > 0; {
		entry[0], list, _ = tlv.NextDOL(list) // listLen has read it
		values = tlv.Fill(values, entry[:], t.value)
	}
	return values, nil
}

// listLen is how many bytes a list asks for.
func listLen(list []byte) (int, error) {
	n := 0
	for len(list) > 0 {
		entry, rest, err := tlv.NextDOL(list)
		if err != nil {
			return 0, err
		}
		n, list = n+entry.Len, rest
	}
	return n, nil
}
