package swtpm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxSocketPath is the longest path of a unix socket in bytes (sun_path without its final NUL).
const maxSocketPath = 107

// folder is the folder of one TPM, held by one process.
type folder struct {
	path string
	lock *os.File // the folder itself, locked: no lock file is left behind
	made bool     // this process made it
}

func (f *folder) data() string    { return filepath.Join(f.path, "tpm.sock") }
func (f *folder) control() string { return f.data() + ".ctrl" }
func (f *folder) device() string  { return filepath.Join(f.path, "device") }
func (f *folder) making() string  { return filepath.Join(f.path, "device.new") }
func (f *folder) roots() string   { return filepath.Join(f.device(), "ek-roots.pem") }
func (f *folder) state() string   { return filepath.Join(f.device(), "state") }

// claim checks the path, makes the folder if it isn't there, and locks it.
func claim(path string) (*folder, error) {
	f := &folder{path: filepath.Clean(path)}
	switch {
	case !filepath.IsAbs(path):
		return nil, fmt.Errorf("%w: %q isn't an absolute path", ErrDir, path)
	case len(f.control()) > maxSocketPath:
		return nil, fmt.Errorf("%w: path is %d bytes too long for a socket", ErrDir,
			len(f.control())-maxSocketPath)
	case strings.IndexFunc(path, unusable) >= 0:
		return nil, fmt.Errorf("%w: path holds a character that swtpm's options can't carry: %q",
			ErrDir, path)
	}
	switch err := os.Mkdir(f.path, 0o700); {
	case err == nil:
		f.made = true
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("making the TPM's folder: %w", err)
	}
	if err := f.hold(); err != nil {
		if f.made {
			_ = os.Remove(f.path) // the failure above is what is reported
		}
		return nil, err
	}
	return f, nil
}

// unusable reports a character that would end or change an option or a line of configuration.
func unusable(r rune) bool { return r < ' ' || r == 0x7F || strings.ContainsRune(`,#$"'\`, r) }

// hold locks the folder for this process.
func (f *folder) hold() error {
	lock, err := os.Open(f.path)
	if err != nil {
		return fmt.Errorf("opening the TPM's folder: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		f.lock = lock
		return nil
	}
	_ = lock.Close() // the failure above is what is reported
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("%w: %s", ErrInUse, f.path)
	}
	return fmt.Errorf("locking the TPM's folder: %w", err)
}

// manufactured reports whether a TPM is in the folder.
func (f *folder) manufactured() (bool, error) {
	_, err := os.Stat(f.roots())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking for a TPM: %w", err)
	}
	return true, nil
}

// clear removes the sockets, and the TPM too if asked to. The folder goes as well if this process
// made it and nothing is left in it.
func (f *folder) clear(device bool) error {
	paths := []string{f.data(), f.control(), f.making()}
	if device {
		paths = append(paths, f.device())
	}
	var errs []error
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path))
	}
	if f.made {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, syscall.ENOTEMPTY) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// release ends the lock.
func (f *folder) release() error { return f.lock.Close() }
