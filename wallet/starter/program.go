package starter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tapbench/tpm"
	"tapbench/tpm/measure"
)

// Program is an executable that is open and was measured.
type Program struct {
	measure.Entry
	file *os.File
}

// Open opens an executable and measures it, under its absolute path. What is no regular file is
// [measure.ErrEntry].
func Open(path string) (*Program, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("measuring %s: %w", path, err)
	}
	file, err := os.Open(abs)
	if err != nil {
		return nil, fmt.Errorf("measuring: %w", err)
	}
	entry, err := tpm.MeasureOpen(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Program{Entry: entry, file: file}, nil
}

// Close closes the file.
func (p *Program) Close() error { return p.file.Close() }
