package kept

import (
	"errors"
	"fmt"

	"tapbench/applet/saved"
	"tapbench/applet/statefile"
)

// File is a file that a card can be kept in, a [saved.Store].
type File struct{ *statefile.File }

var _ saved.Store = (*File)(nil)

// OpenFile opens a file, which needn't be there yet; its folder must. It returns
// [statefile.ErrInUse] while another process has it.
func OpenFile(path string) (*File, error) {
	file, err := statefile.Open(path, MaxLen)
	if err != nil {
		return nil, fmt.Errorf("opening the card in %s: %w", path, err)
	}
	return &File{file}, nil
}

// Load returns the file's content, nil when there is no file, or [saved.ErrForeign] for what can't
// be a card, such as a folder.
func (f *File) Load() ([]byte, error) {
	raw, err := f.File.Load()
	if errors.Is(err, statefile.ErrNotState) {
		return nil, fmt.Errorf("%w: %w", saved.ErrForeign, err)
	}
	return raw, err
}
