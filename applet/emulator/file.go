package emulator

import (
	"errors"
	"fmt"

	"tapbench/applet/statefile"
)

// ErrInUse means that another process holds the state's file. Nothing was changed. End the other
// process, or name another file.
var ErrInUse = errors.New("the secure element's state is in use by another process")

// maxStateFile bounds what is read of a file that may be anything.
const maxStateFile = 1 << 16

// File is a [Store] in one file. Keys lie in it in clear.
type File struct{ *statefile.File }

var _ Store = (*File)(nil)

// OpenFile opens a state file, which needn't be there yet; its folder must. It returns [ErrInUse]
// while another process has it. Whether the file is a state shows when a card loads it.
func OpenFile(path string) (*File, error) {
	file, err := statefile.Open(path, maxStateFile)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if err != nil {
		return nil, err
	}
	return &File{file}, nil
}

// Load returns the file's content, nil when there is no file, or [ErrForeign] for something that
// can't be a state, such as a folder or a file of more than 64 KiB.
func (f *File) Load() ([]byte, error) {
	state, err := f.File.Load()
	if errors.Is(err, statefile.ErrNotState) {
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return state, err
}
