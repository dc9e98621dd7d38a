package starter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tapbench/tpm"
	"tapbench/tpm/measure"
)

// ErrList means that the measurement list can't be read, or doesn't lead to PCR 10's value: it is
// of another boot or another TPM. Nothing was measured.
var ErrList = errors.New("no usable measurement list")

// kernelLists is where a kernel offers its own list.
const kernelLists = "/sys/"

// Machine is a phone, as far as what starts a program needs it.
type Machine struct {
	TPM *tpm.TPM
	// List is the path of the measurement list, in IMA's binary format. Empty: none is kept.
	List string
}

// Record measures a file into PCR 10 and the list, unless it is there already. Where an earlier
// call was broken off between the two, it brings PCR 10 up to the list first.
func (m Machine) Record(ctx context.Context, e measure.Entry) error {
	return m.exclusively(func() error { return m.record(ctx, e) })
}

// Start is what happens at a program's start: Record, then PCR 23 is reset and extended with the
// program's digest.
func (m Machine) Start(ctx context.Context, e measure.Entry) error {
	return m.exclusively(func() error {
		if err := m.record(ctx, e); err != nil {
			return err
		}
		if err := m.TPM.ResetPCR(ctx, measure.LaunchPCR); err != nil {
			return err
		}
		return m.TPM.ExtendPCR(ctx, measure.LaunchPCR, e.Digest)
	})
}

// Started returns the value of PCR 23 after the start of a program.
func Started(program [32]byte) [32]byte { return measure.Extend([32]byte{}, program) }

// ReadList reads the measurement list.
func (m Machine) ReadList() (*measure.List, error) {
	file, err := os.Open(filepath.Clean(m.List))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, measure.MaxList+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	list, err := measure.ParseList(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrList, m.List, err)
	}
	return list, nil
}

// record is Record with the lock held.
func (m Machine) record(ctx context.Context, e measure.Entry) error {
	if m.List == "" || strings.HasPrefix(m.List, kernelLists) {
		return nil
	}
	list, err := m.ReadList()
	if errors.Is(err, fs.ErrNotExist) {
		list, err = new(measure.List), nil
	}
	if err != nil {
		return err
	}
	if err := m.catchUp(ctx, list); err != nil {
		return err
	}
	if slices.Contains(list.Entries(), e) {
		return nil
	}
	if err := list.Append(e); err != nil {
		return err
	}
	if err := replace(m.List, list.Encode()); err != nil {
		return err
	}
	return m.TPM.ExtendMeasurement(ctx, e)
}

// catchUp extends PCR 10 by the list's last entry, if that alone is missing.
func (m Machine) catchUp(ctx context.Context, list *measure.List) error {
	value, err := m.TPM.ReadPCR(ctx, measure.DefaultPCR)
	if err != nil || value == list.Replay(measure.DefaultPCR) {
		return err
	}
	entries := list.Entries()
	if n := len(entries); n > 0 {
		var before measure.List
		for _, e := range entries[:n-1] {
			if err := before.Append(e); err != nil {
				return err
			}
		}
		if value == before.Replay(measure.DefaultPCR) {
			return m.TPM.ExtendMeasurement(ctx, entries[n-1])
		}
	}
	return fmt.Errorf("%w: %s doesn't lead to PCR 10", ErrList, m.List)
}

// replace writes a file whole: a reader sees the old content or the new.
func replace(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
