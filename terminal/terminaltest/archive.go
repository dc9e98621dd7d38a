package terminaltest

import (
	"io/fs"
	"maps"
	"slices"
)

// Archive is a terminal's archive in memory. On its Disk, if it has one, power can fail for both.
type Archive struct {
	Disk *Disk
	// Fail, if set, is what Save returns, with nothing kept.
	Fail error

	documents map[string][]byte
}

// Save implements terminal.Archive.
func (a *Archive) Save(name string, document []byte) error {
	if a.Disk != nil && a.Disk.dead {
		return ErrPower
	}
	if a.Fail != nil {
		return a.Fail
	}
	if a.documents == nil {
		a.documents = make(map[string][]byte)
	}
	a.documents[name] = slices.Clone(document)
	return nil
}

// Load implements terminal.Archive.
func (a *Archive) Load(name string) ([]byte, error) {
	document, ok := a.documents[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return slices.Clone(document), nil
}

// Names implements terminal.Archive.
func (a *Archive) Names() ([]string, error) {
	return slices.Sorted(maps.Keys(a.documents)), nil
}
