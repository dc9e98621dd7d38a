package derived

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrMark means that a page lacks the marks between which a table stands.
var ErrMark = errors.New("marks for a generated table are missing")

// end is the mark behind a table.
const end = "<!-- end -->"

// Fill puts a table between the marks of its name: "<!-- generated: NAME -->" on a line of its own,
// and "<!-- end -->". An error wraps [ErrMark].
func Fill(page, name, table string) (string, error) {
	begin := "<!-- generated: " + name + " -->\n"
	before, rest, begun := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !begun || !ended {
		return "", fmt.Errorf("%w: %s", ErrMark, name)
	}
	return before + begin + table + end + after, nil
}

// Write writes the files that aren't fresh, by their names below a folder.
func Write(root string, files map[string]string) error {
	stale, err := Stale(root, files)
	if err != nil {
		return err
	}
	for _, name := range stale {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// Stale returns the names of the files that aren't there or are others, in order.
func Stale(root string, files map[string]string) ([]string, error) {
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		if err != nil || string(got) != files[name] {
			stale = append(stale, name)
		}
	}
	return stale, nil
}
