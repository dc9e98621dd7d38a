package measure

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// ASCII returns the list as in ascii_runtime_measurements: one line per entry with the PCR, the
// SHA-1 template hash, the template's name, the digest and the path, each line ended by a line
// feed.
func (l *List) ASCII() string {
	var out strings.Builder
	for _, e := range l.entries {
		out.WriteString(e.String())
		out.WriteByte('\n')
	}
	return out.String()
}

// ParseASCII reads a list in the ASCII form. It is as strict as [ParseList] and has its errors.
func ParseASCII(text string) (*List, error) {
	if len(text) > MaxList {
		return nil, ErrTooLong
	}
	list := new(List)
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		if !ended {
			return nil, fmt.Errorf("line %d: %w: no line feed", list.Len()+1, ErrFormat)
		}
		entry, err := parseLine(line)
		if err == nil {
			err = list.Append(entry)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", list.Len()+1, err)
		}
		text = rest
	}
	return list, nil
}

// parseLine reads one line and checks that it is the one that its entry prints.
func parseLine(line string) (Entry, error) {
	fields := strings.Split(strings.TrimPrefix(line, " "), " ")
	if len(fields) != 5 {
		return Entry{}, fmt.Errorf("%w: %d fields, not 5", ErrFormat, len(fields))
	}
	pcr, err := strconv.Atoi(fields[0])
	if err != nil {
		return Entry{}, fmt.Errorf("%w: PCR %.8q", ErrFormat, fields[0])
	}
	if fields[1] == strings.Repeat("0", 2*sha1Size) {
		return Entry{}, ErrViolation
	}
	digest, isSHA256 := strings.CutPrefix(fields[3], "sha256:")
	if fields[2] != templateName || !isSHA256 {
		return Entry{}, fmt.Errorf("%w: %.16q", ErrTemplate, fields[2])
	}
	entry := Entry{PCR: pcr, Path: fields[4]}
	raw, err := hex.DecodeString(digest)
	if err != nil || len(raw) != len(entry.Digest) {
		return Entry{}, fmt.Errorf("%w: digest of %d digits", ErrFormat, len(digest))
	}
	copy(entry.Digest[:], raw)
	if err := entry.check(); err != nil {
		return Entry{}, err
	}
	if got := fmt.Sprintf("%x", entry.legacyHash()); got != fields[1] {
		return Entry{}, ErrTemplateHash
	}
	if entry.String() != line {
		return Entry{}, fmt.Errorf("%w: not written as the kernel writes it", ErrFormat)
	}
	return entry, nil
}
