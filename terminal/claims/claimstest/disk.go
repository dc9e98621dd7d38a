package claimstest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"tapbench/terminal/claims"
)

// ErrPower means that power has failed.
var ErrPower = errors.New("power failed")

// Disk is a disk in memory. Power fails during its Nth operation that changes something.
type Disk struct {
	// FailAt is that operation, counted from 1; 0: never.
	FailAt int
	// Kept is how many bytes of that write reach the disk, from its beginning; another operation
	// happened if Kept isn't 0. Sectors, if set, says which sectors of the write reach the disk
	// instead: the others are zero.
	Kept    int
	Sectors func(sector int64) bool
	// Full is how many bytes the disk holds in all; 0: any number.
	Full int

	mu    sync.Mutex
	ops   int
	dead  bool
	files map[string][]byte
}

var _ claims.Disk = (*Disk)(nil)

// New returns an empty disk.
func New() *Disk { return &Disk{files: map[string][]byte{}} }

// Clone returns a disk with the same files and power.
func (d *Disk) Clone() *Disk {
	c := New()
	for name, raw := range d.files {
		c.files[name] = slices.Clone(raw)
	}
	return c
}

// Ops returns how many operations there were.
func (d *Disk) Ops() int { return d.ops }

// File returns a file's bytes, which the caller may change.
func (d *Disk) File(name string) []byte { return d.files[name] }

// Put makes or replaces a file.
func (d *Disk) Put(name string, raw []byte) { d.files[name] = raw }

// step counts an operation and reports whether it happens and whether power fails during it.
func (d *Disk) step() (happens, fails bool) {
	if d.dead {
		return false, true
	}
	d.ops++
	d.dead = d.ops == d.FailAt
	return !d.dead || d.Kept > 0, d.dead
}

func outcome(fails bool) error {
	if fails {
		return ErrPower
	}
	return nil
}

// Names implements claims.Disk.
func (d *Disk) Names() ([]string, error) { return slices.Sorted(maps.Keys(d.files)), nil }

// Load implements claims.Disk.
func (d *Disk) Load(name string, most int64) ([]byte, error) {
	raw, ok := d.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	if int64(len(raw)) > most {
		return nil, claims.ErrForeign
	}
	return slices.Clone(raw), nil
}

// ReadAt implements claims.Disk.
func (d *Disk) ReadAt(name string, p []byte, at int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	raw, ok := d.files[name]
	if !ok {
		return fs.ErrNotExist
	}
	if at+int64(len(p)) > int64(len(raw)) {
		return io.ErrUnexpectedEOF
	}
	copy(p, raw[at:])
	return nil
}

// Create implements claims.Disk.
func (d *Disk) Create(name string, content []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.files[name]; ok {
		return fs.ErrExist
	}
	if d.Full > 0 && d.used()+len(content) > d.Full {
		return claims.ErrFull
	}
	happens, fails := d.step()
	if happens {
		d.files[name] = slices.Clone(content)
	}
	return outcome(fails)
}

// WriteAt implements claims.Disk.
func (d *Disk) WriteAt(name string, p []byte, at int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Full > 0 && d.used()+len(p) > d.Full {
		d.put(name, p[:d.Full-d.used()], at)
		return fmt.Errorf("%w: here", claims.ErrFull)
	}
	_, fails := d.step()
	switch {
	case fails && d.ops != d.FailAt:
	case fails && d.Sectors != nil:
		p = slices.Clone(p)
		for i := range p {
			if !d.Sectors((at + int64(i)) / 512) {
				p[i] = 0
			}
		}
		d.put(name, p, at)
	case fails:
		d.put(name, p[:min(d.Kept, len(p))], at)
	default:
		d.put(name, p, at)
	}
	return outcome(fails)
}

func (d *Disk) put(name string, p []byte, at int64) {
	d.files[name] = append(d.files[name][:at:at], p...)
}

func (d *Disk) used() (n int) {
	for _, raw := range d.files {
		n += len(raw)
	}
	return n
}

// Sync implements claims.Disk.
func (d *Disk) Sync(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, fails := d.step()
	return outcome(fails)
}

// Truncate implements claims.Disk.
func (d *Disk) Truncate(name string, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	happens, fails := d.step()
	if happens {
		d.files[name] = d.files[name][:size]
	}
	return outcome(fails)
}

// Remove implements claims.Disk.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	happens, fails := d.step()
	if happens {
		delete(d.files, name)
	}
	return outcome(fails)
}
