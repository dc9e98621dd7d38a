package measure

import (
	"encoding/binary"
	"fmt"
	"strings"

	"tapbench/tpm/cursor"
)

// headerSize is what stands before the template's name: PCR, SHA-1, length of the name.
const headerSize = 4 + sha1Size + 4

// ParseList reads a list in the binary form. It is strict: every entry has the template ima-ng
// with SHA-256 and a template hash that fits its data, and nothing follows the last one. It
// allocates no more than a few times the input, whatever the lengths in it claim. The list keeps
// nothing of b. Errors: [ErrTooLong], [ErrFormat], [ErrTemplate], [ErrTemplateHash],
// [ErrViolation], [ErrEntry], each with the number of the entry.
func ParseList(b []byte) (*List, error) {
	if len(b) > MaxList {
		return nil, ErrTooLong
	}
	list, in := new(List), newReader(b)
	for in.Len() > 0 {
		entry, err := in.entry()
		if err == nil {
			err = list.Append(entry)
		}
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", list.Len()+1, err)
		}
	}
	return list, nil
}

// reader walks over a list's bytes (little-endian).
type reader struct{ cursor.Cursor }

func newReader(b []byte) *reader {
	return &reader{cursor.New(b, binary.LittleEndian, ErrFormat)}
}

// field returns the next length-prefixed field.
func (r *reader) field() []byte { return r.Take(uint64(r.U32())) }

// entry reads one entry and checks its template hash.
func (r *reader) entry() (Entry, error) {
	pcr := r.U32()
	if pcr > MaxPCR {
		r.Fail(ErrEntry, "PCR %d", pcr)
	}
	hash := r.Take(sha1Size)
	if name := r.field(); string(name) != templateName {
		r.Fail(ErrTemplate, "template %.16q", name)
	}
	data := r.field()
	if err := r.Err(); err != nil {
		return Entry{}, err
	}
	if [sha1Size]byte(hash) == [sha1Size]byte{} {
		return Entry{}, ErrViolation
	}
	entry, err := parseTemplate(data)
	if err != nil {
		return Entry{}, err
	}
	entry.PCR = int(pcr)
	if entry.legacyHash() != [sha1Size]byte(hash) {
		return Entry{}, ErrTemplateHash
	}
	return entry, nil
}

// parseTemplate reads the template data: the fields d-ng and n-ng.
func parseTemplate(data []byte) (Entry, error) {
	in := newReader(data)
	digest := in.field()
	if len(digest) != digestField || string(digest[:len(digestPrefix)]) != digestPrefix {
		in.Fail(ErrTemplate, "digest field of %d bytes", len(digest))
	}
	path := in.field()
	if err := in.End("path"); err != nil {
		return Entry{}, err
	}
	name, ok := strings.CutSuffix(string(path), "\x00")
	if !ok {
		return Entry{}, fmt.Errorf("%w: path without its final NUL", ErrFormat)
	}
	return Entry{Digest: [32]byte(digest[len(digestPrefix):]), Path: name}, nil
}
