package emvtwintest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/apdu"
)

// Cell is what a command with an instruction was answered in a life: blank or personalised. 61xx
// is 6100.
type Cell struct {
	Blank bool
	INS   byte
	SW    apdu.SW
}

func (c Cell) String() string {
	life := "personalised"
	if c.Blank {
		life = "blank"
	}
	return fmt.Sprintf("%s %02X %04X", life, c.INS, uint16(c.SW))
}

// Fuzzer asks both cards the same by chance.
type Fuzzer struct {
	Fixture *emvcardtest.Fixture
	// Bases are what cases begin with, and which of them are blank.
	Bases []*Twins
	Blank []bool
	// Blocks are those of a personalisation.
	Blocks [][]byte
	Seed   uint64
	// Hits counts.
	Hits map[Cell]int
}

// FoundError is a dialogue at whose end both differ.
type FoundError struct {
	*DifferenceError
	Base     int
	Commands [][]byte
}

// Unwrap returns the difference.
func (f *FoundError) Unwrap() error { return f.DifferenceError }

func (f *FoundError) Error() string {
	var lines strings.Builder
	for _, c := range f.Commands {
		_, _ = fmt.Fprintf(&lines, "\n%X", c)
	}
	return fmt.Sprintf("%v\nfrom base %d:%s", f.DifferenceError, f.Base, lines.String())
}

// caseLen is how many commands a case has.
const caseLen = 40

// Case runs the case of a number. A difference is a [*FoundError], as short as it gets.
func (f *Fuzzer) Case(number uint64) error {
	r := rand.New(rand.NewPCG(f.Seed, number)) //nolint:gosec // to be had again
	base := r.IntN(len(f.Bases))
	t := newTerminal(r, f.Fixture, f.Blocks)
	commands := [][]byte{emvcardtest.SelectName(f.Fixture.App().AID)}
	for range caseLen {
		commands = append(commands, t.next())
	}
	err := f.run(base, commands, true)
	var found *FoundError
	if !errors.As(err, &found) {
		return err
	}
	return f.shortest(found)
}

// run has the base's card answer commands.
func (f *Fuzzer) run(base int, commands [][]byte, counts bool) error {
	w, err := f.Bases[base].Again()
	if err != nil {
		return err
	}
	selected := false
	for i, c := range commands {
		if c != nil && isPlatforms(c, selected) {
			continue
		}
		answer, err := w.Do(c)
		var different *DifferenceError
		if errors.As(err, &different) {
			return &FoundError{different, base, commands[:i+1]}
		}
		if err != nil {
			return err
		}
		response, err := apdu.ParseResponse(answer)
		selected = c != nil && (selected || err == nil && c[1] == 0xA4 && response.SW.SW1() == 0x90)
		if counts && c != nil {
			sw := response.SW
			if sw.SW1() == 0x61 {
				sw = 0x6100
			}
			f.Hits[Cell{f.Blank[base], c[1], sw}]++
		}
	}
	return w.Drop()
}

// shortest leaves commands out while both still differ.
func (f *Fuzzer) shortest(found *FoundError) error {
	for size := len(found.Commands) / 2; size > 0; size /= 2 {
		for from := len(found.Commands) - 1 - size; from >= 0; from -= size {
			less := slices.Delete(slices.Clone(found.Commands), from, from+size)
			err := f.run(found.Base, less, false)
			var shorter *FoundError
			if !errors.As(err, &shorter) {
				if err != nil {
					return err
				}
				continue
			}
			found = shorter
			from = min(from, len(found.Commands)-1)
		}
	}
	return found
}
