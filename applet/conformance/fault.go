package conformance

import (
	"slices"
	"strings"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// fault is one thing that is wrong with a command. Their order is the card's: the first one gives
// the status word.
type fault int

const (
	faultBytes   fault = iota // bytes behind the command: 6700
	faultClass                // secure messaging: 6E00
	faultBroken               // a chain was begun that it doesn't continue: 6883
	faultLink                 // bit 10, though it doesn't chain: 6E00
	faultINS                  // the selected application doesn't have it: 6D00
	faultLacking              // the platform lacks an algorithm: 6A81
	faultParams               // P1-P2 out of range: 6A86 or the like
	faultLong                 // a byte too many: 6700
	faultShort                // a byte too few: 6700
	faultProof                // no proof by host or merchant, or no launch: 6982
	faultState                // the card's state isn't the command's: 6985
	faultData                 // the data are wrong: 6A80 or 6982
	faults
)

func (f fault) String() string {
	return [...]string{
		"bytes", "class", "chain", "link", "INS", "algorithm", "P1-P2", "long", "short", "proof",
		"state", "data",
	}[f]
}

// faultSet is what is wrong with a command.
type faultSet uint16

func setOf(all ...fault) faultSet {
	var s faultSet
	for _, f := range all {
		s |= 1 << f
	}
	return s
}

// with adds a fault where a condition holds.
func (s faultSet) with(f fault, holds bool) faultSet {
	if holds {
		s |= setOf(f)
	}
	return s
}

func (s faultSet) has(f fault) bool { return s&setOf(f) != 0 }

// first returns the first fault in the card's order; false: there is none.
func (s faultSet) first() (fault, bool) {
	for f := range faults {
		if s.has(f) {
			return f, true
		}
	}
	return 0, false
}

func (s faultSet) String() string {
	var names []string
	for f := range faults {
		if s.has(f) {
			names = append(names, f.String())
		}
	}
	return "{" + strings.Join(names, ", ") + "}"
}

// injectable are the faults that can be put on a probe, whatever the card's state.
func (p probe) injectable() []fault {
	all := []fault{faultBytes, faultClass, faultINS, faultParams, faultLong}
	if p.aid == wire.AIDManagement {
		all = append(all, faultBroken) // the others have no command that chains
	}
	if !p.chains {
		all = append(all, faultLink)
	}
	if len(p.c.Data) > 0 {
		all = append(all, faultShort)
	}
	slices.Sort(all)
	return all
}

// sets returns the sets of at most so many faults, 0 to 2.
func (p probe) sets(most int) []faultSet {
	out := []faultSet{0}
	all := p.injectable()
	for i, f := range all {
		if most > 0 {
			out = append(out, setOf(f))
		}
		for _, g := range all[i+1:] {
			if most > 1 && (f != faultLong || g != faultShort) {
				out = append(out, setOf(f, g))
			}
		}
	}
	return out
}

// command returns the command with those of the faults on it that lie in a command.
func (p probe) command(s faultSet) apdu.Command {
	c := p.c
	c.Data = slices.Clone(c.Data)
	if s.has(faultINS) {
		c.CLA ^= byte(wire.CLAProprietary)
		if c.CLA == byte(wire.CLAInterindustry) && c.INS == manageChannel {
			c.INS = 0 // MANAGE CHANNEL is the platform's
		}
	}
	if s.has(faultClass) {
		c.CLA |= 0x04
	}
	if s.has(faultLink) {
		c.CLA |= byte(wire.CLAChaining)
	}
	if s.has(faultParams) {
		c.P1, c.P2 = 0x40, 0x40
	}
	if s.has(faultLong) {
		c.Data = append(c.Data, 0)
	}
	if s.has(faultShort) {
		c.Data = c.Data[1:]
	}
	return c
}

// status is the status word of a fault. Chained says that the command was sent as a chain.
func (p probe) status(f fault, chained bool) apdu.SW {
	switch f {
	case faultBytes, faultLong, faultShort:
		return wire.SWWrongLength
	case faultClass, faultLink:
		return wire.SWClassNotSupported
	case faultBroken:
		return wire.SWLastCommandExpected
	case faultINS:
		if chained {
			return wire.SWClassNotSupported // bit 10 of the first link, which no other command has
		}
		return wire.SWInstructionNotSupported
	case faultLacking:
		return wire.SWFunctionNotSupported
	case faultParams:
		return p.params
	case faultProof:
		return wire.SWSecurityStatusNotSatisfied
	case faultState:
		return wire.SWConditionsNotSatisfied
	default:
		return p.data
	}
}
