package budget

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"tapbench/applet/decode"
)

// Magic is the first line of every budget.
const Magic = "# tapbench-budget v1"

// The longest line, in bytes without its LF, and the most lines.
const (
	maxLine  = 1024
	maxLines = 10_000
)

// SyntaxError says where a text leaves the grammar. Line and Column count from 1, Column in bytes.
type SyntaxError struct {
	Line, Column int
	What         string
}

// Error returns place and fault, such as "line 3, column 7: quantity expected".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.What)
}

// Parse reads a budget. Its errors are a [*SyntaxError] or what r returned. A budget without a
// limit is an error, too: it would pass whatever happens.
func Parse(r io.Reader) ([]Limit, error) {
	p := &parser{lines: bufio.NewReaderSize(r, maxLine+1), seen: make(map[string]int)}
	line, err := p.next()
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case string(line) != Magic:
		return nil, &SyntaxError{1, 1, "first line isn't " + Magic}
	}
	for {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := p.readLine(string(line)); err != nil {
			return nil, err
		}
	}
	if len(p.limits) == 0 {
		return nil, &SyntaxError{p.number + 1, 1, "the budget has no limit"}
	}
	return p.limits, nil
}

// Append writes a budget that [Parse] reads.
func Append(dst []byte, limits []Limit) []byte {
	dst = append(dst, Magic+"\n"...)
	for _, l := range limits {
		dst = append(append(dst, l.String()...), '\n')
	}
	return dst
}

// parser reads a budget line by line.
type parser struct {
	lines  *bufio.Reader
	number int
	rest   string // of the line
	column int    // where rest begins
	limits []Limit
	seen   map[string]int
}

// next returns the next line without its end.
func (p *parser) next() ([]byte, error) {
	line, err := p.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, io.EOF
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, &SyntaxError{p.number + 1, maxLine + 1, fmt.Sprintf("line of more than %d bytes",
			maxLine)}
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	if p.number++; p.number > maxLines {
		return nil, &SyntaxError{p.number, 1, fmt.Sprintf("more than %d lines", maxLines)}
	}
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	for n := 0; n < len(line); {
		c, size := utf8.DecodeRune(line[n:])
		if c == utf8.RuneError && size < 2 || c != '\t' && !unicode.IsPrint(c) {
			return nil, &SyntaxError{p.number, n + 1, "printable text expected"}
		}
		n += size
	}
	return line, nil
}

// readLine reads a limit, a comment or nothing.
func (p *parser) readLine(line string) error {
	p.rest, p.column = line, 1
	p.blanks()
	if p.rest == "" || p.rest[0] == '#' {
		return nil
	}
	l := Limit{Line: p.number}
	start := p.column
	if err := p.subject(&l); err != nil {
		return err
	}
	if err := p.quantity(&l); err != nil {
		return err
	}
	if err := p.amount(&l); err != nil {
		return err
	}
	p.blanks()
	if p.rest != "" && p.rest[0] != '#' {
		return p.fault("nothing more expected")
	}
	key := l.Subject() + " " + l.Quantity.String()
	if first := p.seen[key]; first > 0 {
		p.column = start
		return p.fault(fmt.Sprintf("line %d has limited this already", first))
	}
	p.seen[key] = p.number
	p.limits = append(p.limits, l)
	return nil
}

func (p *parser) fault(what string) error { return &SyntaxError{p.number, p.column, what} }

// blanks skips spaces and tabs.
func (p *parser) blanks() {
	rest := strings.TrimLeft(p.rest, " \t")
	p.column += len(p.rest) - len(rest)
	p.rest = rest
}

// word looks at the next word.
func (p *parser) word() string {
	p.blanks()
	if n := strings.IndexAny(p.rest, " \t"); n >= 0 {
		return p.rest[:n]
	}
	return p.rest
}

// take goes on behind n bytes.
func (p *parser) take(n int) { p.rest, p.column = p.rest[n:], p.column+n }

// subject reads what is limited.
func (p *parser) subject(l *Limit) error {
	word := p.word()
	switch word {
	case "command":
		l.Scope = Command
		p.take(len(word))
		return p.name(l)
	case "phase":
		l.Scope = Phase
		p.take(len(word))
		return p.phase(l)
	case "tap":
		l.Scope = Tap
		p.take(len(word))
		return nil
	default:
		return p.fault("command, phase or tap expected")
	}
}

// name reads a command's name between quotation marks.
func (p *parser) name(l *Limit) error {
	p.blanks()
	if !strings.HasPrefix(p.rest, `"`) {
		return p.fault(`a command's name in quotation marks expected, such as "READ RECORD"`)
	}
	end := strings.IndexByte(p.rest[1:], '"')
	if end < 0 {
		return p.fault("the quotation mark isn't closed")
	}
	l.Name = p.rest[1 : 1+end]
	if !nameable(l.Name) {
		return p.fault("the name of a command expected, without spaces around it")
	}
	p.take(end + 2)
	return nil
}

// nameable reports whether a budget can name a command so.
func nameable(name string) bool {
	const most = 200
	return name != "" && len(name) <= most && strings.TrimSpace(name) == name &&
		!strings.Contains(name, `"`) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

func (p *parser) phase(l *Limit) error {
	word := p.word()
	for n, known := range phaseWords() {
		if word == known {
			l.Phase = decode.Phase(n)
			p.take(len(word))
			return nil
		}
	}
	return p.fault("a phase expected: " + strings.Join(phaseWords(), ", "))
}

func (p *parser) quantity(l *Limit) error {
	word := p.word()
	for q := range Quantity(quantities) {
		if word == q.String() && (q != Runs || l.Scope == Command) {
			l.Quantity = q
			p.take(len(word))
			return nil
		}
	}
	known := "time, apdus, bytes, sent or received"
	if l.Scope == Command {
		known = "time, apdus, bytes, sent, received or runs"
	}
	return p.fault(known + " expected")
}

// amount reads a number, and for a time its unit.
func (p *parser) amount(l *Limit) error {
	number := p.word()
	if l.Quantity != Time {
		n, ok := scaled(number, 1)
		if !ok {
			return p.fault("a whole number expected, 1 to 999,999,999,999")
		}
		p.take(len(number))
		l.Most = n
		return nil
	}
	if _, ok := scaled(number, 1_000_000); !ok {
		return p.fault("a number expected, such as 120 or 0.5")
	}
	start := p.column
	p.take(len(number))
	unit := p.word()
	scale, known := map[string]int64{"us": 1, "ms": 1_000, "s": 1_000_000}[unit]
	if !known {
		return p.fault("us, ms or s expected")
	}
	n, ok := scaled(number, scale)
	if !ok || n > maxTime {
		p.column = start
		return p.fault("whole microseconds expected, up to 1,000,000,000 s")
	}
	p.take(len(unit))
	l.Most = n
	return nil
}

// scaled reads a positive decimal number without sign, exponent or leading zeros, times scale,
// which is a power of ten. What isn't whole then, or has more than 12 digits before the point,
// isn't read.
func scaled(text string, scale int64) (int64, bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if !digits(whole) || len(whole) > 12 || len(whole) > 1 && whole[0] == '0' ||
		point && (!digits(fraction) || len(fraction) > 6) {
		return 0, false
	}
	var n int64
	for _, c := range whole {
		n = n*10 + int64(c-'0')
	}
	n *= scale
	for _, c := range fraction {
		if scale /= 10; scale == 0 {
			return 0, false
		}
		n += int64(c-'0') * scale
	}
	return n, n > 0
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
