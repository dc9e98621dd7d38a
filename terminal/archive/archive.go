package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tapbench/applet/statefile"
)

// MaxDocument bounds a document, in bytes.
const MaxDocument = 1 << 16

// extension is what the files' names end with.
const extension = ".json"

// What can be wrong with a name or a document.
var (
	// ErrName means that a name isn't 1 to 100 letters, digits and hyphens.
	ErrName = errors.New("not a document's name")
	// ErrTooLong means that a document has more than [MaxDocument] bytes.
	ErrTooLong = errors.New("document is too long")
)

// Folder is an archive in a folder. It belongs to one goroutine.
type Folder struct{ path string }

// Open opens a folder and makes it if it isn't there.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("opening an archive: %w", err)
	}
	return &Folder{path}, nil
}

func (f *Folder) file(name string) (string, error) {
	bad := func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		return !letter && (c < '0' || c > '9') && c != '-'
	}
	if name == "" || len(name) > 100 || strings.ContainsFunc(name, bad) {
		return "", fmt.Errorf("%w: %.32q", ErrName, name)
	}
	return filepath.Join(f.path, name+extension), nil
}

// Save keeps a document in the place of the one with that name.
func (f *Folder) Save(name string, document []byte) error {
	path, err := f.file(name)
	if err != nil {
		return err
	}
	if len(document) > MaxDocument {
		return fmt.Errorf("%w: %s, %d bytes", ErrTooLong, name, len(document))
	}
	return statefile.Replace(path, document)
}

// Load returns a document. That there is none is fs.ErrNotExist.
func (f *Folder) Load(name string) (document []byte, err error) {
	path, err := f.file(name)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	document, err = io.ReadAll(io.LimitReader(file, MaxDocument+1))
	if err == nil && len(document) > MaxDocument {
		err = fmt.Errorf("%w: %s", ErrTooLong, path)
	}
	return document, err
}

// Names returns all names in ascending order. Other files are left alone.
func (f *Folder) Names() ([]string, error) {
	entries, err := os.ReadDir(f.path) // sorted
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), extension)
		if _, err := f.file(name); ok && err == nil {
			names = append(names, name)
		}
	}
	return names, nil
}
