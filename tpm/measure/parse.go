package measure

import (
	"encoding/binary"
	"fmt"
	"strings"
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
	list, in := new(List), cursor{rest: b}
	for len(in.rest) > 0 {
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

// cursor walks over a list's bytes.
type cursor struct{ rest []byte }

// take returns the next n bytes.
func (c *cursor) take(n uint32) ([]byte, error) {
	if uint64(n) > uint64(len(c.rest)) {
		return nil, fmt.Errorf("%w: %d bytes announced, %d left", ErrFormat, n, len(c.rest))
	}
	out := c.rest[:n]
	c.rest = c.rest[n:]
	return out, nil
}

// number returns the next 4 bytes as a number.
func (c *cursor) number() (uint32, error) {
	b, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

// field returns the next length-prefixed field.
func (c *cursor) field() ([]byte, error) {
	n, err := c.number()
	if err != nil {
		return nil, err
	}
	return c.take(n)
}

// entry reads one entry and checks its template hash.
func (c *cursor) entry() (Entry, error) {
	pcr, err := c.number()
	if err != nil {
		return Entry{}, err
	}
	if pcr > MaxPCR {
		return Entry{}, fmt.Errorf("%w: PCR %d", ErrEntry, pcr)
	}
	hash, err := c.take(sha1Size)
	if err != nil {
		return Entry{}, err
	}
	name, err := c.field()
	if err != nil {
		return Entry{}, err
	}
	if string(name) != templateName {
		return Entry{}, fmt.Errorf("%w: template %.16q", ErrTemplate, name)
	}
	data, err := c.field()
	if err != nil {
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
	in := cursor{rest: data}
	digest, err := in.field()
	if err != nil {
		return Entry{}, err
	}
	if len(digest) != digestField || string(digest[:len(digestPrefix)]) != digestPrefix {
		return Entry{}, fmt.Errorf("%w: digest field of %d bytes", ErrTemplate, len(digest))
	}
	path, err := in.field()
	if err != nil {
		return Entry{}, err
	}
	if len(in.rest) != 0 {
		return Entry{}, fmt.Errorf("%w: %d bytes after the path", ErrFormat, len(in.rest))
	}
	name, ok := strings.CutSuffix(string(path), "\x00")
	if !ok {
		return Entry{}, fmt.Errorf("%w: path without its final NUL", ErrFormat)
	}
	return Entry{Digest: [32]byte(digest[len(digestPrefix):]), Path: name}, nil
}
