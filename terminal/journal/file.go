package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrInUse means that another process holds the journal. Nothing was changed. End the other
// process, or name another file.
var ErrInUse = errors.New("the terminal's journal is in use by another process")

// maxFile bounds what is read of a file that may be anything.
const maxFile = 1 << 20

// File is a [Disk] in one file, with permissions 0600. Beside it lies a lock, FILE.lock, which one
// process at a time holds, and for a moment FILE.new.
type File struct {
	path string
	lock *os.File
}

var _ Disk = (*File)(nil)

// OpenFile opens a journal's file, which needn't be there yet; its folder must. It returns
// [ErrInUse] while another process has it.
func OpenFile(path string) (*File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the journal: %w", err)
	}
	if err := lockFile(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), lock.Close())
	}
	return &File{path: path, lock: lock}, nil
}

// Load returns the file's content, nil when there is no file, or [ErrForeign] for something that
// can't be a journal, such as a folder or a file of more than 1 MiB.
func (f *File) Load() (state []byte, err error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%w: %s", ErrForeign, f.path)
	}
	state, err = io.ReadAll(io.LimitReader(file, maxFile))
	if state == nil {
		state = []byte{} // an empty file isn't a missing one
	}
	return state, err
}

// Commit writes the state beside the file, has it reach the disk, and puts it in the file's place,
// which then reaches the disk too.
func (f *File) Commit(state []byte) error {
	beside := f.path + ".new"
	if err := writeSynced(beside, state); err != nil {
		return err
	}
	if err := os.Rename(beside, f.path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.path))
}

// Close gives the lock back. The file stays.
func (f *File) Close() error { return f.lock.Close() }

func writeSynced(path string, raw []byte) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(raw); err != nil {
		return err
	}
	return file.Sync()
}

func syncFolder(path string) (err error) {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	return folder.Sync()
}
