package show

import (
	"fmt"
	"strings"
)

// Columns of an element: where its name and its value begin.
const (
	nameColumn = lineColumn + 8
	perLine    = 16 // bytes in a line
	bytesKept  = 48 // bytes of a long value that are written without Options.Bytes
)

func (t *Text) valueColumn() int { return nameColumn + (t.o.Width-nameColumn)*2/5 }

// message writes the data elements of a message.
func (t *Text) message(direction string, m *Message) {
	if t.o.Bytes {
		t.dump(direction, m)
	}
	for n := range m.Elements {
		if e := &m.Elements[n]; e.Role == "" {
			t.element(direction, m, e)
		}
	}
}

// dump writes all bytes of a message with their offsets.
func (t *Text) dump(direction string, m *Message) {
	const wide = 24
	for at := 0; at < m.Length; at += wide {
		l := t.mark(direction).put(dim, fmt.Sprintf("%04X", at)).to(nameColumn)
		t.end(l.put(dim, spaced(m.Bytes(at, min(wide, m.Length-at)))))
	}
}

// element writes an element: tag, name, value in words or bytes, and its marks.
func (t *Text) element(direction string, m *Message, e *Element) {
	in := 2 * e.Depth
	l := t.mark(direction).to(lineColumn+in).put(cyan, e.Tag)
	l.to(nameColumn + in)
	if l.width > nameColumn+in { // a long tag deep inside
		l.put(plain, " ")
	}
	l.put(plain, e.Name)
	if e.Template {
		t.end(l)
		return
	}
	value := t.value(m, e)
	for n, v := range value {
		if n > 0 {
			l = t.line()
		}
		column := t.valueColumn()
		if l.width > column-2 { // a name that ends where the value would begin
			column = l.width + 2
		}
		l.to(column).put(v.colour, v.text)
		if n == 0 {
			t.marks(l, e)
		}
		t.end(l)
	}
	t.bits(e, t.valueColumn())
}

type coloured struct {
	colour colour
	text   string
}

// value returns the lines of a value.
func (t *Text) value(m *Message, e *Element) []coloured {
	var lines []coloured
	c := plain
	switch e.Mark {
	case MarkStandIn:
		c = magenta
	case MarkVarying:
		c = yellow
	case MarkAbsent:
		c = dim
	}
	room := max(20, t.o.Width-t.valueColumn())
	inWords := e.Text != "" && len(e.Bits) == 0 // bits have a line each
	if inWords {
		for _, text := range wrap(e.Text, room) {
			lines = append(lines, coloured{c, text})
		}
	}
	if e.Mark == MarkAbsent && e.Text == "" {
		return append(lines, coloured{c, fmt.Sprintf("%d bytes, not kept", e.Length)})
	}
	if inWords && !t.o.Bytes || e.Length == 0 {
		if len(lines) == 0 {
			lines = append(lines, coloured{dim, "empty"})
		}
		return lines
	}
	return append(lines, t.digits(m, e, c, min(perLine, (room+1)/3))...)
}

// digits returns the bytes of a value, some to a line.
func (t *Text) digits(m *Message, e *Element, c colour, wide int) []coloured {
	var lines []coloured
	n := e.Length
	if !t.o.Bytes && n > bytesKept {
		n = bytesKept / 2
	}
	for at := 0; at < n; at += wide {
		text := spaced(m.Bytes(e.Offset+at, min(wide, n-at)))
		lines = append(lines, coloured{c, text})
	}
	if n < e.Length {
		lines = append(lines, coloured{dim, fmt.Sprintf("… %d bytes in all", e.Length)})
	}
	return lines
}

// marks says at the end of a line how the trace marks the value.
func (t *Text) marks(l *line, e *Element) {
	text, c := e.MarkText(), dim
	switch e.Mark {
	case MarkStandIn:
		c = magenta
	case MarkVarying:
		c = yellow
	}
	if text != "" {
		l.put(plain, "  ").put(c, text)
	}
}

// bits writes the bits that say something: those that are set.
func (t *Text) bits(e *Element, column int) {
	for _, b := range e.Bits {
		if b.Set {
			l := t.line().to(column).put(dim, fmt.Sprintf("%d.%d ", b.Byte, b.Bit))
			t.end(l.put(plain, b.Text))
		}
	}
}

// spaced puts a space between bytes.
func spaced(digits string) string {
	var b strings.Builder
	b.Grow(len(digits) * 3 / 2)
	for at := 0; at+2 <= len(digits); at += 2 {
		if at > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[at : at+2])
	}
	return b.String()
}

// wrap breaks text between words into lines of at most n runes; a longer word has its own line.
func wrap(text string, n int) []string {
	var lines []string
	current := ""
	for _, word := range strings.Fields(text) {
		switch {
		case current == "":
			current = word
		case len([]rune(current))+1+len([]rune(word)) <= n:
			current += " " + word
		default:
			lines = append(lines, current)
			current = word
		}
	}
	return append(lines, current)
}
