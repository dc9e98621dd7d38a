package shell

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes an output file whole or not at all: write fills a temporary file beside it that
// only takes its name when it is complete. An existing file is kept unless force is set, even if it
// appears meanwhile. The path - is standard output.
func (a *App) WriteFile(path string, force bool, write func(io.Writer) error) (err error) {
	if path == "-" {
		return write(a.Out)
	}
	if err := CheckOutput(path, force); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if left := os.Remove(temporary.Name()); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
	}()
	buffered := bufio.NewWriter(temporary)
	err = write(buffered)
	if err == nil {
		err = errors.Join(buffered.Flush(), temporary.Sync())
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if force {
		err = os.Rename(temporary.Name(), path)
	} else if err = os.Link(temporary.Name(), path); errors.Is(err, fs.ErrExist) {
		err = ErrFileExists
	} else if err != nil { // a file system without links
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// CheckOutput refuses an output file before anything is done for it.
func CheckOutput(path string, force bool) error {
	info, err := os.Stat(path)
	switch {
	case path == "-":
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return checkFolder(path)
	case err != nil:
		return fmt.Errorf("writing %s: %w", path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("writing %s: it isn't a regular file; - is standard output", path)
	case !force:
		return fmt.Errorf("writing %s: %w", path, ErrFileExists)
	}
	return nil
}

// checkFolder refuses an output file in a folder that isn't there, or that can't be written to.
func checkFolder(path string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if inner := new(fs.PathError); errors.As(err, &inner) {
		err = inner.Err // not with the temporary file's name
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := errors.Join(temporary.Close(), os.Remove(temporary.Name())); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
