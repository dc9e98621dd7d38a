package boundtest

import (
	"context"
	"errors"

	"tapbench/applet/statefile/bound"
)

// ErrPower means that the power is gone: nothing happens any more until the next start.
var ErrPower = errors.New("power was cut")

// Memory is an NV index of type extend that is kept in memory, with a TPM's semantics.
type Memory struct {
	Defined bool
	Written bool
	Value   [bound.Size]byte
}

var _ NV = (*Memory)(nil)

// Read returns the value.
func (m *Memory) Read(context.Context) ([bound.Size]byte, bool, error) {
	return m.Value, m.Written, nil
}

// Define defines the index. It isn't written then.
func (m *Memory) Define(context.Context) error {
	m.Defined = true
	return nil
}

// Extend makes the value SHA-256(value || digest).
func (m *Memory) Extend(_ context.Context, digest [bound.Size]byte) error {
	if !m.Defined {
		return errors.New("extending an index that isn't defined")
	}
	m.Value, m.Written = bound.Extended(m.Value, digest), true
	return nil
}

// Begin defines the index if need be, and extends it by start.
func (m *Memory) Begin(ctx context.Context, start [bound.Size]byte) error {
	m.Defined = true
	return m.Extend(ctx, start)
}

var _ bound.Anchor = (*Memory)(nil)

// NV is an index, step by step.
type NV interface {
	Read(ctx context.Context) (value [bound.Size]byte, written bool, err error)
	// Define defines the index; one that is there already stays.
	Define(ctx context.Context) error
	Extend(ctx context.Context, digest [bound.Size]byte) error
}

// power is what each step that leaves a trace on disk or in the TPM needs.
type power struct {
	cut  func() bool // whether it goes before the next step
	gone bool
}

// step takes one step, or says that the power is gone.
func (p *power) step() error {
	if p.gone = p.gone || p.cut(); p.gone {
		return ErrPower
	}
	return nil
}

// poweredNV is an index behind a power supply, as bound.Anchor wants it.
type poweredNV struct {
	NV

	power *power
}

// Read needs power, and leaves no trace.
func (n poweredNV) Read(ctx context.Context) (value [bound.Size]byte, written bool, err error) {
	if n.power.gone {
		return value, false, ErrPower
	}
	return n.NV.Read(ctx)
}

// Begin is two steps: the index is defined, then extended.
func (n poweredNV) Begin(ctx context.Context, start [bound.Size]byte) error {
	if err := n.power.step(); err != nil {
		return err
	}
	if err := n.Define(ctx); err != nil {
		return err
	}
	return n.Extend(ctx, start) // with a step of its own
}

// Extend is one step.
func (n poweredNV) Extend(ctx context.Context, digest [bound.Size]byte) error {
	if err := n.power.step(); err != nil {
		return err
	}
	return n.NV.Extend(ctx, digest)
}

// disk is a file, and every copy of it that there ever was.
type disk struct {
	content []byte
	copies  [][]byte
}

// poweredDisk is the disk behind the power supply.
type poweredDisk struct {
	*disk

	power *power
}

// Load returns the content.
func (d poweredDisk) Load() ([]byte, error) { return d.content, nil }

// Commit replaces the content, in one step.
func (d poweredDisk) Commit(content []byte) error {
	if err := d.power.step(); err != nil {
		return err
	}
	d.write(content)
	return nil
}

func (d *disk) write(content []byte) {
	d.content = append([]byte{}, content...)
	d.copies = append(d.copies, d.content)
}
