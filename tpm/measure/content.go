package measure

import (
	"crypto/sha256"
	"fmt"
	"io"
)

// Content measures what a file holds: it hashes the content with SHA-256 and returns the entry for
// [DefaultPCR], with the path as the kernel would record it ([RecordedPath]). Whoever starts the
// file does this first; nothing vouches for itself.
//
// Whether the file changes after the measurement isn't seen here: where that matters the kernel's
// IMA has to measure.
func Content(path string, content io.Reader) (Entry, error) {
	entry := Entry{PCR: DefaultPCR, Path: RecordedPath(path)}
	if err := entry.check(); err != nil {
		return Entry{}, fmt.Errorf("measuring %q: %w", path, err)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return Entry{}, fmt.Errorf("measuring %s: %w", path, err)
	}
	hash.Sum(entry.Digest[:0])
	return entry, nil
}
