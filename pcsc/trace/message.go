package trace

import (
	"bytes"
	"slices"
	"strconv"
)

// LabelAny is the label of bytes that differ from run to run.
const LabelAny = "any"

// maxLabel is the longest label, in bytes.
const maxLabel = 16

// Mark says what the bytes of a [Part] are.
type Mark byte

// The marks, each with its brackets in the text.
const (
	// Plain bytes passed as they stand and pass so again.
	Plain Mark = iota
	// Absent bytes weren't kept; only label and length are known: [pin 6].
	Absent
	// Varying bytes passed as they stand and are others in the next run: (un 12 34 56 78).
	Varying
	// StandIn bytes stand for others of the same length that were secret: {pan 54 13 33}.
	StandIn
)

// Part is a piece of a [Message].
type Part struct {
	Mark Mark
	// Bytes are the bytes, at least one; none of an absent part.
	Bytes []byte
	// Label says what the part is; empty for plain bytes.
	Label string
	// Len is the length of an absent part in bytes, 1 to 999,999,999; 0 for all others.
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
	return Message{{Mark: Absent, Label: label, Len: n}}
}

// Marked returns the message that is b under a mark, [Varying] or [StandIn]. It aliases b.
func Marked(mark Mark, label string, b []byte) Message {
	if len(b) == 0 {
		return nil
	}
	return Message{{Mark: mark, Label: label, Bytes: b}}
}

// Join returns the messages as one, in their order.
func Join(messages ...Message) Message {
	var joined Message
	for _, m := range messages {
		joined = append(joined, m...)
	}
	return joined
}

// clone returns a copy that shares nothing with m.
func (m Message) clone() Message {
	if m == nil {
		return nil
	}
	total := 0
	for _, p := range m {
		total += len(p.Bytes)
	}
	all := make([]byte, 0, total)
	out := make(Message, len(m))
	for i, p := range m {
		at := len(all)
		all = append(all, p.Bytes...)
		out[i] = p
		if p.Bytes != nil {
			out[i].Bytes = all[at:len(all):len(all)]
		}
	}
	return out
}

// Len returns the length in bytes.
func (m Message) Len() int {
	n := 0
	for _, p := range m {
		n += p.size()
	}
	return n
}

// kept returns the length in bytes, and whether all of them were kept.
func (m Message) kept() (n int, kept bool) {
	for _, p := range m {
		if p.Mark == Absent {
			return 0, false
		}
		n += len(p.Bytes)
	}
	return n, true
}

func (p Part) size() int {
	if p.Mark == Absent {
		return p.Len
	}
	return len(p.Bytes)
}

// Bytes returns a copy of the bytes, varying ones and stand-ins among them, and whether all of them
// were kept.
func (m Message) Bytes() ([]byte, bool) {
	n, kept := m.kept()
	if !kept || n == 0 {
		return nil, kept
	}
	b := make([]byte, 0, n)
	for _, p := range m {
		b = append(b, p.Bytes...)
	}
	return b, true
}

// Match compares b with the message; where the message has other than plain bytes, whatever is as
// long matches. It returns the position of the first byte that differs, which is the length of the
// shorter one if all else is equal, or -1 if b matches.
func (m Message) Match(b []byte) int {
	at := 0
	for _, p := range m {
		rest := b[min(at, len(b)):]
		if p.Mark != Plain {
			if p.size() > len(rest) {
				return len(b)
			}
			at += p.size()
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

// brackets returns what opens and closes a part that isn't plain.
func (m Mark) brackets() (open, end byte) {
	switch m {
	case Varying:
		return '(', ')'
	case StandIn:
		return '{', '}'
	case Plain, Absent:
		return '[', ']'
	default:
		return '[', ']'
	}
}

// appendTo appends the lines of the message, the first beginning with mark.
func (m Message) appendTo(dst []byte, mark string) []byte {
	dst = append(dst, mark...)
	written := 0
	for _, p := range m {
		if p.Mark == Absent {
			dst, written = lead(dst, written), written+1
			dst = append(append(append(dst, '['), p.Label...), ' ')
			dst = append(strconv.AppendInt(dst, int64(p.Len), 10), ']')
			continue
		}
		if p.Mark == Plain {
			dst, written = appendBytes(dst, p.Bytes, written), written+len(p.Bytes)
			continue
		}
		opening, closing := p.Mark.brackets()
		dst = append(append(append(lead(dst, written), opening), p.Label...), ' ')
		dst = appendByte(dst, p.Bytes[0])
		dst = appendBytes(dst, p.Bytes[1:], written+1)
		dst, written = append(dst, closing), written+len(p.Bytes)
	}
	return append(dst, '\n')
}

// lead appends what stands before an element, of which so many were written: a space, or where the
// line is full a line break and two.
func lead(dst []byte, written int) []byte {
	if written > 0 && written%elementsPerLine == 0 {
		dst = append(dst, "\n "...)
	}
	return append(dst, ' ')
}

// appendBytes appends bytes as elements behind so many others: most of what there is to write.
func appendBytes(dst, b []byte, written int) []byte {
	const digits = "0123456789ABCDEF"
	for len(b) > 0 {
		if written > 0 && written%elementsPerLine == 0 {
			dst = append(dst, "\n "...)
		}
		n := min(len(b), elementsPerLine-written%elementsPerLine)
		at := len(dst)
		dst = slices.Grow(dst, 3*n)[:at+3*n]
		out := dst[at:]
		for i, v := range b[:n] {
			out[3*i], out[3*i+1], out[3*i+2] = ' ', digits[v>>4], digits[v&0x0F]
		}
		b, written = b[n:], written+n
	}
	return dst
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
		if !p.valid(most) {
			return false
		}
		if n += p.size(); n > most {
			return false
		}
	}
	return n >= least
}

// valid reports whether the part keeps to the grammar and has at most so many bytes.
func (p Part) valid(most int) bool {
	switch p.Mark {
	case Plain:
		return p.Label == "" && p.Len == 0 && len(p.Bytes) > 0
	case Absent:
		return validLabel(p.Label) && p.Len >= 1 && p.Len <= most && len(p.Bytes) == 0
	case Varying, StandIn:
		return validLabel(p.Label) && p.Len == 0 && len(p.Bytes) > 0
	default:
		return false
	}
}
