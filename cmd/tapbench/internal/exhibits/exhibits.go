package exhibits

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tapbench/applet/emulator"
	"tapbench/applet/message"
	"tapbench/applet/statefile/bound"
	"tapbench/applet/wire"
	"tapbench/backend/store/examiner"
	"tapbench/terminal/claims"
)

// claimsFolder is where a terminal keeps its offline claims, below its own folder.
const claimsFolder = "claims"

// Find gathers what lies in a bench's folder.
func Find(dir string) (examiner.Files, error) {
	var files examiner.Files
	var err error
	if files.Stores, err = filepath.Glob(filepath.Join(dir, "*.db")); err != nil {
		return files, fmt.Errorf("gathering a bench's files: %w", err)
	}
	journals, err := filepath.Glob(filepath.Join(dir, "*", "journal"))
	if err != nil {
		return files, fmt.Errorf("gathering a bench's files: %w", err)
	}
	for _, path := range journals {
		files.Tills = append(files.Tills, filepath.Dir(path))
	}
	slices.Sort(files.Tills)
	for _, till := range files.Tills {
		some, err := Claims(filepath.Join(till, claimsFolder))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return files, err
		}
		files.Claims = append(files.Claims, some...)
	}
	states, err := filepath.Glob(filepath.Join(dir, "*.state"))
	for _, path := range states {
		held, err := Element(path)
		if err != nil {
			return files, err
		}
		files.Held = append(files.Held, held...)
	}
	return files, err
}

// Claims reads a stopped terminal's journal of offline claims. The result isn't nil, though the
// journal may be empty. The error wraps [fs.ErrNotExist] if there is none.
func Claims(folder string) (entries []examiner.Claimed, err error) {
	disk, err := claims.ViewFolder(folder)
	if err != nil {
		return nil, fmt.Errorf("reading a terminal's claims: %w", err)
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	journal, err := claims.Read(disk)
	if err != nil {
		return nil, fmt.Errorf("reading a terminal's claims: %w", err)
	}
	return Journal(journal)
}

// Journal returns what stands in a journal of offline claims.
func Journal(journal *claims.Journal) ([]examiner.Claimed, error) {
	entries := []examiner.Claimed{}
	for r, err := range journal.Claims() {
		if err != nil {
			return nil, fmt.Errorf("reading a terminal's claims: %w", err)
		}
		entries = append(entries, examiner.Claimed{
			Terminal: journal.Identity().Terminal, Key: message.Hash(r.Key), State: string(r.State),
			Payload: r.Payload,
		})
	}
	return entries, nil
}

// Element reads the offline tokens out of a secure element's state file, bound to a TPM or not.
// Whether it is the latest one isn't asked.
func Element(path string) ([]examiner.Held, error) {
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("reading a secure element's state: %w", err)
	}
	raw, _ = bound.Peek(raw)
	return State(filepath.Base(path), raw)
}

// State reads the offline tokens out of a secure element's state. Name is the element's, for
// findings.
func State(name string, raw []byte) ([]examiner.Held, error) {
	tokens, err := emulator.HeldTokens(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the state of %s: %w", name, err)
	}
	held := make([]examiner.Held, 0, len(tokens))
	for _, t := range tokens {
		held = append(held, examiner.Held{
			Element: name, ID: t.ID, Given: t.Given, Closed: t.State == wire.TokenClosed,
		})
	}
	return held, nil
}
