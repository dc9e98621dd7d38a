package statefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// What can be wrong with a file before its content is looked at.
var (
	// ErrInUse means that another process holds the file. Nothing was changed. End the other
	// process, or name another file.
	ErrInUse = errors.New("file is in use by another process")
	// ErrNotState means that what lies there can't be a state: a folder, or more bytes than a state
	// may have. It was left as it was.
	ErrNotState = errors.New("not a state's file")
)

// File holds one state, with permissions 0600. Beside it lies a lock, FILE.lock, which one process
// at a time holds, and for a moment FILE.new. It belongs to one goroutine.
type File struct {
	path string
	lock *os.File
	most int64
}

// Open opens a state's file, which needn't be there yet; its folder must. most bounds what is read
// of a file that may be anything, in bytes. It returns [ErrInUse] while another process has the
// file; the kernel frees it when that process ends, in whichever way.
func Open(path string, most int64) (*File, error) {
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := lockFile(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), lock.Close())
	}
	return &File{path: path, lock: lock, most: most}, nil
}

// Load returns the file's content, nil when there is no file, or [ErrNotState].
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
	if !info.Mode().IsRegular() || info.Size() > f.most {
		return nil, fmt.Errorf("%w: %s", ErrNotState, f.path)
	}
	state, err = io.ReadAll(io.LimitReader(file, f.most))
	if state == nil {
		state = []byte{} // an empty file isn't a missing one
	}
	return state, err
}

// Commit writes the state beside the file, has it reach the disk, and puts it in the file's place,
// which then reaches the disk too.
func (f *File) Commit(state []byte) error { return Replace(f.path, state) }

// Replace does to any file what [File.Commit] does, without a lock. Beside it lies FILE.new for a
// moment.
func Replace(path string, state []byte) error {
	temporary := path + ".new"
	if err := writeSynced(temporary, state); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
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
