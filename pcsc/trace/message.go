package trace

import (
	"bytes"
	"strconv"
)

// LabelAny is the label of bytes that differ from run to run.
const LabelAny = "any"

// maxLabel is the longest label, in bytes.
const maxLabel = 16

// Part is a piece of a [Message]: bytes as they were, or a span of which only the length is known.
type Part struct {
	// Bytes are the bytes, at least one, unless Label is set.
	Bytes []byte
	// Label says what stands in the place of Len bytes.
	Label string
	// Len is the length of a span in bytes, 1 to 999,999,999; 0 for bytes.
	Len int
}

// Message is a command or an answer as a trace holds it.
type Message []Part

// Literal returns the message that is b, byte for byte. It aliases b.
func Literal(b []byte) Message {
	if len(b) == 0 {
		return nil
	}
	return Message{{Bytes: b}}
}

// Hidden returns a message of n bytes of which only the label is written.
func Hidden(label string, n int) Message {
	if n == 0 {
		return nil
	}
	return Message{{Label: label, Len: n}}
}

// Join returns the messages as one, in their order.
func Join(messages ...Message) Message {
	var joined Message
	for _, m := range messages {
		joined = append(joined, m...)
	}
	return joined
}

// Len returns the length in bytes.
func (m Message) Len() int {
	n := 0
	for _, p := range m {
		n += p.size()
	}
	return n
}

func (p Part) size() int {
	if p.Label != "" {
		return p.Len
	}
	return len(p.Bytes)
}

// Bytes returns a copy of the bytes, and whether the message has nothing but bytes.
func (m Message) Bytes() ([]byte, bool) {
	var b []byte
	for _, p := range m {
		if p.Label != "" {
			return nil, false
		}
		b = append(b, p.Bytes...)
	}
	return b, true
}

// Match compares b with the message; spans match whatever stands in their place. It returns the
// position of the first byte that differs, which is the length of the shorter one if all else is
// equal, or -1 if b matches.
func (m Message) Match(b []byte) int {
	at := 0
	for _, p := range m {
		rest := b[min(at, len(b)):]
		if p.Label != "" {
			if p.Len > len(rest) {
				return len(b)
			}
			at += p.Len
			continue
		}
		if !bytes.HasPrefix(rest, p.Bytes) {
			return at + commonPrefix(p.Bytes, rest)
		}
		at += len(p.Bytes)
	}
	if at < len(b) {
		return at
	}
	return -1
}

// commonPrefix returns how many bytes a and b have in common at their beginning.
func commonPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// elementsPerLine is how many elements a line of a message holds.
const elementsPerLine = 32

// appendTo appends the lines of the message, the first beginning with mark.
func (m Message) appendTo(dst []byte, mark string) []byte {
	written := 0
	lead := func() {
		switch {
		case written == 0:
			dst = append(dst, mark...)
		case written%elementsPerLine == 0:
			dst = append(dst, "\n "...)
		}
		dst = append(dst, ' ')
		written++
	}
	for _, p := range m {
		if p.Label != "" {
			lead()
			dst = append(append(append(dst, '['), p.Label...), ' ')
			dst = append(strconv.AppendInt(dst, int64(p.Len), 10), ']')
			continue
		}
		for _, v := range p.Bytes {
			lead()
			dst = appendByte(dst, v)
		}
	}
	return append(dst, '\n')
}

func appendByte(dst []byte, v byte) []byte {
	const digits = "0123456789ABCDEF"
	return append(dst, digits[v>>4], digits[v&0x0F])
}

// validLabel reports whether a label keeps to the grammar.
func validLabel(label string) bool {
	if label == "" || len(label) > maxLabel || label[0] < 'a' || label[0] > 'z' {
		return false
	}
	return validWord(label)
}

// validWord reports whether s is one or more small letters, digits and hyphens.
func validWord(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != ""
}

// valid reports whether the message can be written: its parts keep to the grammar, and it has from
// least to most bytes.
func (m Message) valid(least, most int) bool {
	n := 0
	for _, p := range m {
		switch {
		case p.Label == "" && (p.Len != 0 || len(p.Bytes) == 0):
			return false
		case p.Label != "" && (!validLabel(p.Label) || len(p.Bytes) != 0 || p.Len < 1 || p.Len > most):
			return false
		}
		n += p.size()
		if n > most {
			return false
		}
	}
	return n >= least
}
