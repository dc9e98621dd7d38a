package measure

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// File measures a file: it hashes the content with SHA-256 and returns the entry for
// [DefaultPCR], with the absolute path as the kernel would record it. Whoever starts the file does
// this first; nothing vouches for itself.
//
// What is no regular file is refused with [ErrNotFile]. Whether the file changes after the
// measurement isn't seen here: where that matters the kernel's IMA has to measure.
func File(path string) (Entry, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Entry{}, fmt.Errorf("measuring %s: %w", path, err)
	}
	file, err := os.Open(abs)
	if err != nil {
		return Entry{}, fmt.Errorf("measuring: %w", err)
	}
	defer file.Close() //nolint:errcheck // read only: nothing is lost
	info, err := file.Stat()
	if err != nil {
		return Entry{}, fmt.Errorf("measuring %s: %w", abs, err)
	}
	if !info.Mode().IsRegular() {
		return Entry{}, fmt.Errorf("measuring %s: %w", abs, ErrNotFile)
	}
	entry := Entry{PCR: DefaultPCR, Path: RecordedPath(abs)}
	if err := entry.check(); err != nil {
		return Entry{}, fmt.Errorf("measuring %q: %w", abs, err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return Entry{}, fmt.Errorf("measuring %s: %w", abs, err)
	}
	hash.Sum(entry.Digest[:0])
	return entry, nil
}
