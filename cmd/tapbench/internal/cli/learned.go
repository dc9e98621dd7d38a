package cli

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// learned is what one party's files hold of the identifiers of a run.
type learned struct {
	Party string   `json:"party"`
	Knows []string `json:"knows"`
	Not   []string `json:"does_not_know"`
}

// search looks for each secret in the files of each party: raw, in hexadecimal, as digits and in
// base64.
func search(secrets []secret, files map[string][]string, order []string) ([]learned, error) {
	out := make([]learned, 0, len(order))
	for _, party := range order {
		l := learned{Party: party, Knows: []string{}, Not: []string{}}
		var content []byte
		for _, pattern := range files[party] {
			raw, err := readAll(pattern)
			if err != nil {
				return nil, fmt.Errorf("searching the files of %s: %w", party, err)
			}
			content = append(content, raw...)
		}
		for _, s := range secrets {
			if s.in(content) {
				l.Knows = append(l.Knows, s.Name)
			} else {
				l.Not = append(l.Not, s.Name)
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// readAll reads a file, its SQLite companions, or every file below a folder.
func readAll(path string) ([]byte, error) {
	var content []byte
	paths, err := filepath.Glob(path + "*")
	if err != nil {
		return nil, err
	}
	for _, root := range paths {
		err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(file) //nolint:gosec // the demo's own folder
			content = append(content, raw...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return content, nil
}

// in reports whether any value stands in content, in any form.
func (s secret) in(content []byte) bool {
	for _, value := range s.values {
		text := hex.EncodeToString(value)
		for _, form := range [][]byte{
			value, []byte(text), []byte(strings.ToUpper(text)),
			[]byte(strings.TrimRight(text, "f")), // a PAN's digits
			[]byte(base64.RawStdEncoding.EncodeToString(value)),
		} {
			if len(form) > 0 && bytes.Contains(content, form) {
				return true
			}
		}
	}
	return false
}

func writeLearned(w io.Writer, all []learned) {
	_, _ = fmt.Fprintln(w, "\nwhat each party's files hold")
	for _, l := range all {
		_, _ = fmt.Fprintf(w, "  %-9s knows: %s; not: %s\n", l.Party, list(l.Knows), list(l.Not))
	}
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
