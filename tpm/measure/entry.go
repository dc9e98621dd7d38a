package measure

import (
	"crypto/sha1" //nolint:gosec // the kernel's list format carries SHA-1; nothing rests on it
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// Bounds of an entry.
const (
	// DefaultPCR is the PCR that IMA extends and that no local program can reset.
	DefaultPCR = 10
	// LaunchPCR is the application PCR. Any local program can reset and extend it.
	LaunchPCR = 23
	// MaxPCR is the highest PCR of a PC Client TPM.
	MaxPCR = 23
	// MaxPath is the longest path, in bytes: the kernel's PATH_MAX without its final NUL.
	MaxPath = 4095
)

const (
	templateName = "ima-ng"
	digestPrefix = "sha256:\x00"
	digestField  = len(digestPrefix) + sha256.Size
	sha1Size     = sha1.Size
)

// Entry is one measurement: a file with this digest was started or installed under this path, and
// this PCR was extended by it.
type Entry struct {
	PCR    int      // 0..23
	Digest [32]byte // SHA-256 of the file's content
	Path   string   // 1..MaxPath bytes, neither spaces nor control characters
}

// check says whether the entry can be recorded.
func (e Entry) check() error {
	if e.PCR < 0 || e.PCR > MaxPCR {
		return fmt.Errorf("%w: PCR %d", ErrEntry, e.PCR)
	}
	if len(e.Path) == 0 || len(e.Path) > MaxPath {
		return fmt.Errorf("%w: path of %d bytes", ErrEntry, len(e.Path))
	}
	if i := strings.IndexFunc(e.Path, unprintable); i >= 0 {
		return fmt.Errorf("%w: path holds byte %02X", ErrEntry, e.Path[i])
	}
	return nil
}

// unprintable reports what would tear the list's ASCII form apart. Bytes above 7F are part of
// names in whatever encoding the file system uses.
func unprintable(r rune) bool { return r <= ' ' || r == 0x7F }

// RecordedPath returns the path as the kernel records it: every space is an underscore.
func RecordedPath(path string) string { return strings.ReplaceAll(path, " ", "_") }

// TemplateData returns the bytes that the template hash covers: both fields, each after its
// length.
func (e Entry) TemplateData() []byte {
	out := make([]byte, 0, 4+digestField+4+len(e.Path)+1)
	out = binary.LittleEndian.AppendUint32(out, uint32(digestField))
	out = append(out, digestPrefix...)
	out = append(out, e.Digest[:]...)
	out = binary.LittleEndian.AppendUint32(out, length32(len(e.Path)+1))
	out = append(out, e.Path...)
	return append(out, 0)
}

// TemplateHash returns what is extended into the PCR's SHA-256 bank: SHA-256 over the template
// data.
func (e Entry) TemplateHash() [32]byte { return sha256.Sum256(e.TemplateData()) }

// legacyHash returns the SHA-1 template hash that stands in the list.
func (e Entry) legacyHash() [sha1Size]byte {
	return sha1.Sum(e.TemplateData()) //nolint:gosec // the kernel's list format asks for it
}

// appendTo appends the entry in the binary form.
func (e Entry) appendTo(dst []byte) []byte {
	hash, data := e.legacyHash(), e.TemplateData()
	dst = binary.LittleEndian.AppendUint32(dst, length32(e.PCR))
	dst = append(dst, hash[:]...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(templateName)))
	dst = append(dst, templateName...)
	dst = binary.LittleEndian.AppendUint32(dst, length32(len(data)))
	return append(dst, data...)
}

// String returns the entry's line of ascii_runtime_measurements, without a line feed.
func (e Entry) String() string {
	return fmt.Sprintf("%2d %x %s sha256:%x %s", e.PCR, e.legacyHash(), templateName, e.Digest, e.Path)
}

// length32 converts a number that [Entry.check] has bounded to at most MaxPath + 1.
func length32(n int) uint32 {
	return uint32(n) //nolint:gosec // bounded by check: 0 <= n <= MaxPath + 1
}
