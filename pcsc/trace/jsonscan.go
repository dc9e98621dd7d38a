package trace

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonScan reads one line of JSON (RFC 8259) from left to right, as its caller expects it: there is
// nothing in it that nobody asked for, so that nothing nests deeper than the form does. After the
// first fault it reads on no further; what it returns then means nothing.
//
// encoding/json takes members for those that are spelled alike, keeps the last of two, takes null
// for anything and mends broken text; here each of these is a fault, with its column.
type jsonScan struct {
	line  []byte
	at    int // the offset of what comes next
	fault *SyntaxError
}

// fail notes a fault at an offset, unless there was one before.
func (s *jsonScan) fail(at int, what string) {
	if s.fault == nil {
		s.fault = &SyntaxError{Column: at + 1, What: what}
		s.at = len(s.line)
	}
}

// peek returns the next character behind white space, or 0 at the end.
func (s *jsonScan) peek() byte {
	for s.at < len(s.line) {
		switch c := s.line[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take reads the character that is to come next.
func (s *jsonScan) take(c byte, want string) bool {
	if s.peek() != c {
		s.fail(s.at, want+" expected")
		return false
	}
	s.at++
	return true
}

// end wants the line to be over.
func (s *jsonScan) end() {
	if s.peek() != 0 || s.at < len(s.line) {
		s.fail(s.at, "nothing follows the object in its line")
	}
}

// maxMembers is how many members the largest object of the form has.
const maxMembers = 6

// members tells of the members of an object where they stand: offsets of their names plus 1, or 0
// for those that it hasn't.
type members struct {
	at  [maxMembers]int
	end int // the offset of the closing brace
}

// has reports whether the object has a member.
func (m *members) has(i int) bool { return m.at[i] != 0 }

// object reads an object whose members are names, each at most once and in any order. value reads
// the value of one of them, by its place in names.
func (s *jsonScan) object(names []string, value func(i int)) (found members) {
	if !s.take('{', "an object") {
		return found
	}
	for first := true; s.peek() != '}' || !first; first = false {
		s.peek()
		at := s.at
		name := s.text("a member's name")
		i := indexOf(names, name)
		switch {
		case s.fault != nil:
			return found
		case i < 0:
			s.fail(at, "unknown member "+quote(name))
		case found.has(i):
			s.fail(at, "second member "+quote(name))
		default:
			found.at[i] = at + 1
		}
		if !s.take(':', "a colon") {
			return found
		}
		value(i)
		if s.peek() != ',' {
			break
		}
		s.at++
	}
	s.peek()
	found.end = s.at
	s.take('}', "a comma or a closing brace")
	return found
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// list reads a list, value each of its values.
func (s *jsonScan) list(value func()) {
	if !s.take('[', "a list") {
		return
	}
	if s.peek() == ']' {
		s.at++
		return
	}
	for s.fault == nil {
		value()
		if s.peek() != ',' {
			break
		}
		s.at++
	}
	s.take(']', "a comma or a closing bracket")
}

// number reads a whole number of 1 to most.
func (s *jsonScan) number(most int) int {
	s.peek()
	at := s.at
	for s.at < len(s.line) && bytes.IndexByte([]byte("+-.0123456789Ee"), s.line[s.at]) >= 0 {
		s.at++
	}
	n := number(s.line[at:s.at])
	if n == 0 || n > most {
		s.fail(at, fmt.Sprintf("a number of 1 to %d expected", most))
	}
	return n
}

// hex reads a string of bytes, one or more, digits and capital letters.
func (s *jsonScan) hex() []byte {
	if !s.take('"', "a string") {
		return nil
	}
	digits, _, closed := bytes.Cut(s.line[s.at:], []byte{'"'})
	const want = "byte expected: two digits, 0 to 9 and A to F"
	b := make([]byte, 0, len(digits)/2)
	for i := 0; i+1 < len(digits); i += 2 {
		high, low := digit(digits[i]), digit(digits[i+1])
		switch {
		case high < 0:
			s.fail(s.at+i, want)
		case low < 0:
			s.fail(s.at+i+1, want)
		}
		if s.fault != nil {
			return nil
		}
		b = append(b, byte((high<<4|low)&0xFF))
	}
	switch end := s.at + len(digits); {
	case !closed:
		s.fail(end, "the string isn't closed")
	case len(digits) == 0 || len(digits)%2 != 0:
		s.fail(end, want)
	default:
		s.at = end + 1
	}
	return b
}

// text reads a string; want says which one if there is none.
func (s *jsonScan) text(want string) string {
	if !s.take('"', want) {
		return ""
	}
	begin := s.at
	for s.at < len(s.line) {
		switch c := s.line[s.at]; {
		case c == '"':
			s.at++
			return string(s.line[begin : s.at-1])
		case c == '\\':
			return s.escaped(begin)
		case c < 0x20:
			s.fail(s.at, "control character in a string")
		case c < utf8.RuneSelf:
			s.at++
		default:
			s.rune()
		}
	}
	s.fail(len(s.line), "the string isn't closed")
	return ""
}

// rune reads a character of more than one byte.
func (s *jsonScan) rune() {
	r, size := utf8.DecodeRune(s.line[s.at:])
	if !utf8.FullRune(s.line[s.at:]) {
		s.fail(len(s.line), "the string isn't closed")
		return
	}
	if r == utf8.RuneError && size <= 1 {
		s.fail(s.at, "bytes that aren't UTF-8")
		return
	}
	s.at += size
}

// escaped reads the rest of a string that began at begin and has its first escape here.
func (s *jsonScan) escaped(begin int) string {
	b := bytes.Clone(s.line[begin:s.at])
	for s.at < len(s.line) {
		at := s.at
		switch c := s.line[at]; {
		case c == '"':
			s.at++
			return string(b)
		case c == '\\':
			b = s.escape(b)
		case c < 0x20:
			s.fail(at, "control character in a string")
		case c < utf8.RuneSelf:
			b = append(b, c)
			s.at++
		default:
			s.rune()
			b = append(b, s.line[at:s.at]...)
		}
	}
	s.fail(len(s.line), "the string isn't closed")
	return ""
}

// escape appends the character that a backslash and what follows it stand for.
func (s *jsonScan) escape(b []byte) []byte {
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	at := s.at
	if at+1 < len(s.line) {
		if i := bytes.IndexByte([]byte(letters), s.line[at+1]); i >= 0 {
			s.at += 2
			return append(b, meanings[i])
		}
	}
	r := s.unit()
	if utf16.IsSurrogate(r) {
		if r = utf16.DecodeRune(r, s.unit()); r == utf8.RuneError {
			r = -1
		}
	}
	if r < 0 {
		s.fail(at, "unknown escape")
		return b
	}
	return utf8.AppendRune(b, r)
}

// unit reads a backslash, u and four digits, and returns -1 if they aren't there.
func (s *jsonScan) unit() rune {
	rest := s.line[s.at:]
	if len(rest) < 6 && bytes.IndexByte(rest, '"') < 0 {
		s.fail(len(s.line), "the string isn't closed")
	}
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return -1
	}
	v, err := strconv.ParseUint(string(rest[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	s.at += 6
	return rune(v)
}
