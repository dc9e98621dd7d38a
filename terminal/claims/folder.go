package claims

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"tapbench/applet/statefile"
)

// Disk is where the segments lie: a [Folder], or a test's. Its errors wrap [fs.ErrNotExist] and
// [fs.ErrExist], [ErrFull] and [ErrReadOnly] where they apply.
type Disk interface {
	// Names returns the names of all files, sorted.
	Names() ([]string, error)
	// Load returns a file's content, or an error if it has more than most bytes.
	Load(name string, most int64) ([]byte, error)
	// ReadAt fills p with what stands at an offset.
	ReadAt(name string, p []byte, at int64) error
	// Create makes a file that is there whole, on the disk, or not at all. It doesn't replace one.
	Create(name string, content []byte) error
	// WriteAt writes at an offset. Nothing of it need be on the disk before Sync.
	WriteAt(name string, p []byte, at int64) error
	// Sync returns when all that was written to the file is on the disk.
	Sync(name string) error
	// Truncate cuts a file's end off, and returns when that is on the disk.
	Truncate(name string, size int64) error
	// Remove removes a file.
	Remove(name string) error
}

// Folder is a [Disk] in a folder, with permissions 0600 for its files. One process at a time holds
// it, by its file journal.lock.
type Folder struct {
	path string
	lock *statefile.File // nil: the folder can't be written to
	file *os.File        // of name, the one that is written to
	name string
}

var _ Disk = (*Folder)(nil)

// OpenFolder opens a folder, and makes it if it isn't there. It returns [ErrInUse] while another
// process has it, and [ErrReadOnly] if it can't be written to.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, classified(err)
	}
	lock, err := statefile.Open(filepath.Join(path, "journal"), 0)
	if errors.Is(err, statefile.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	if err != nil {
		return nil, classified(err)
	}
	return &Folder{path: path, lock: lock}, nil
}

// ViewFolder opens a folder to be read with [Read]. It returns [ErrInUse] while another process has
// it, and an error that wraps [fs.ErrNotExist] if it isn't there. In a folder that can't be written
// to it takes no lock.
func ViewFolder(path string) (*Folder, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	folder, err := OpenFolder(path)
	if errors.Is(err, ErrReadOnly) {
		return &Folder{path: path}, nil
	}
	return folder, err
}

// Close gives the folder back.
func (f *Folder) Close() error {
	err := f.leave()
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
	}
	return err
}

// Names implements [Disk].
func (f *Folder) Names() ([]string, error) {
	found, err := os.ReadDir(f.path)
	if err != nil {
		return nil, classified(err)
	}
	names := make([]string, 0, len(found))
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	return names, nil
}

// Load implements [Disk].
func (f *Folder) Load(name string, most int64) ([]byte, error) {
	path := filepath.Join(f.path, name)
	info, err := os.Stat(path)
	if err != nil {
		return nil, classified(err)
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%w: %s is no file of at most %d bytes", ErrForeign, path, most)
	}
	raw, err := os.ReadFile(filepath.Clean(path))
	return raw, classified(err)
}

// ReadAt implements [Disk].
func (f *Folder) ReadAt(name string, p []byte, at int64) (err error) {
	file, err := os.Open(filepath.Join(f.path, filepath.Base(name)))
	if err != nil {
		return classified(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = file.ReadAt(p, at)
	return classified(err)
}

// Create implements [Disk].
func (f *Folder) Create(name string, content []byte) error {
	path := filepath.Join(f.path, name)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s: %w", path, fs.ErrExist))
	}
	return classified(statefile.Replace(path, content))
}

// WriteAt implements [Disk].
func (f *Folder) WriteAt(name string, p []byte, at int64) error {
	if err := f.use(name); err != nil {
		return err
	}
	_, err := f.file.WriteAt(p, at)
	return classified(err)
}

// Sync implements [Disk].
func (f *Folder) Sync(name string) error {
	if err := f.use(name); err != nil {
		return err
	}
	return classified(f.file.Sync())
}

// Truncate implements [Disk].
func (f *Folder) Truncate(name string, size int64) error {
	if err := f.use(name); err != nil {
		return err
	}
	if err := f.file.Truncate(size); err != nil {
		return classified(err)
	}
	return classified(f.file.Sync())
}

// Remove implements [Disk].
func (f *Folder) Remove(name string) error {
	return classified(errors.Join(f.leave(), os.Remove(filepath.Join(f.path, name))))
}

// use opens the file that is written to.
func (f *Folder) use(name string) error {
	if f.file != nil && f.name == name {
		return nil
	}
	if err := f.leave(); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(f.path, filepath.Base(name)), os.O_RDWR, 0)
	if err != nil {
		return classified(err)
	}
	f.file, f.name = file, name
	return nil
}

// leave closes it.
func (f *Folder) leave() error {
	if f.file == nil {
		return nil
	}
	file := f.file
	f.file = nil
	return file.Close()
}

// classified puts a sentinel in front of what the system reports.
func classified(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	default:
		return err
	}
}
