package terminaltest

import (
	"errors"

	"tapbench/terminal/journal"
)

// ErrPower means that power has failed.
var ErrPower = errors.New("power failed")

// Disk is a journal's disk in memory, on which power can fail.
type Disk struct {
	// FailAt is the commit, counted from 1, at which power fails; 0: never. Kept says whether that
	// commit reached the disk. From then on every commit fails until [Disk.Restore].
	FailAt int
	Kept   bool

	// Commits is how many commits there were, that one included.
	Commits int
	state   []byte
	dead    bool
}

var _ journal.Disk = (*Disk)(nil)

// Load implements journal.Disk.
func (d *Disk) Load() ([]byte, error) { return d.state, nil }

// Commit implements journal.Disk.
func (d *Disk) Commit(state []byte) error {
	if d.dead {
		return ErrPower
	}
	d.Commits++
	d.dead = d.Commits == d.FailAt
	if !d.dead || d.Kept {
		d.state = append([]byte(nil), state...)
	}
	if d.dead {
		return ErrPower
	}
	return nil
}

// Dead reports whether power has failed.
func (d *Disk) Dead() bool { return d.dead }

// Restore gives power back, for good.
func (d *Disk) Restore() { d.dead, d.FailAt = false, 0 }
