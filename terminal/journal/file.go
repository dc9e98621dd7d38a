package journal

import (
	"errors"
	"fmt"

	"tapbench/applet/statefile"
)

// ErrInUse means that another process holds the journal. Nothing was changed. End the other
// process, or name another file.
var ErrInUse = errors.New("the terminal's journal is in use by another process")

// maxFile bounds what is read of a file that may be anything.
const maxFile = 1 << 20

// File is a [Disk] in one file.
type File struct{ *statefile.File }

var _ Disk = (*File)(nil)

// OpenFile opens a journal's file, which needn't be there yet; its folder must. It returns
// [ErrInUse] while another process has it.
func OpenFile(path string) (*File, error) {
	file, err := statefile.Open(path, maxFile)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if err != nil {
		return nil, err
	}
	return &File{file}, nil
}

// Load returns the file's content, nil when there is no file, or [ErrForeign] for something that
// can't be a journal, such as a folder or a file of more than 1 MiB.
func (f *File) Load() ([]byte, error) {
	state, err := f.File.Load()
	if errors.Is(err, statefile.ErrNotState) {
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return state, err
}
