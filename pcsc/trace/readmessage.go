package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scratch is where a [Reader] puts a message that it reads: it grows to the longest and is used
// again for the next.
type scratch struct {
	parts  Message
	ends   []int  // where each part ends in bytes
	bytes  []byte // of all parts that have any, one behind the other
	length int    // of the message in bytes, so far
	most   int    // that it may have

	elements int  // on the line that was read last
	open     byte // what closes the part that is open, or 0
}

// start forgets the message before.
func (m *scratch) start(most int) {
	m.parts, m.ends, m.bytes = m.parts[:0], m.ends[:0], m.bytes[:0]
	m.length, m.most, m.open = 0, most, 0
}

// message returns what was read. It is valid until the next start.
func (m *scratch) message() Message {
	at := 0
	for i := range m.parts {
		end := m.ends[i]
		if m.parts[i].Mark != Absent {
			m.parts[i].Bytes = m.bytes[at:end:end]
		}
		at = end
	}
	return m.parts
}

// begin begins a part.
func (m *scratch) begin(p Part) {
	m.parts = append(m.parts, p)
	m.ends = append(m.ends, len(m.bytes))
}

// put adds bytes that were appended to the last part, which is a plain one unless another is open.
func (m *scratch) put(n int) {
	last := len(m.parts) - 1
	if m.open == 0 && (last < 0 || m.parts[last].Mark != Plain) {
		m.begin(Part{})
		last++
	}
	m.ends[last] = len(m.bytes)
	m.length += n
}

// readMessage reads the message that the current line begins, with all lines that continue it. It
// has from least to most bytes.
func (r *Reader) readMessage(m *scratch, least, most int) (Message, error) {
	m.start(most)
	cut := false // whether the text ends where the message may go on
	for first := true; first || m.elements == elementsPerLine; first = false {
		line, err := r.peek()
		if cut = errors.Is(err, io.EOF) && !first; cut {
			break
		}
		if err != nil {
			return nil, err
		}
		if !first && !bytes.HasPrefix(line, []byte("  ")) {
			break
		}
		if column, fault := r.readLine(m, line); fault != "" {
			return nil, r.fault(column, fault)
		}
		r.take()
	}
	if m.open != 0 && cut {
		return nil, r.cut(3, fmt.Sprintf("bracket isn't closed with %c", m.open))
	}
	if m.open != 0 {
		return nil, r.fault(3, fmt.Sprintf("bracket isn't closed with %c", m.open))
	}
	if m.length < least {
		return nil, r.fault(3, fmt.Sprintf("%d bytes, want at least %d", m.length, least))
	}
	return m.message(), nil
}

// readLine reads the elements of one line behind its two columns of mark. It returns the column and
// the fault, if there is one.
func (r *Reader) readLine(m *scratch, line []byte) (column int, fault string) {
	if len(line) < 2 || line[1] != ' ' {
		return 2, "a space follows the mark"
	}
	m.elements = 0
	for at := 2; ; at++ {
		if n := r.readBytes(m, line[at:]); n > 0 {
			at += 3*n - 1
		} else {
			size, fault := r.readElement(m, line[at:])
			if m.elements++; fault == "" {
				fault = m.excess()
			}
			if fault != "" {
				return at + 1, fault
			}
			at += size
		}
		if at == len(line) {
			return 0, ""
		}
		if line[at] != ' ' {
			return at + 1, "one space separates"
		}
	}
}

// excess says of which there is more than the grammar allows.
func (m *scratch) excess() string {
	switch {
	case m.length > m.most:
		return fmt.Sprintf("more than %d bytes", m.most)
	case m.elements > elementsPerLine:
		return fmt.Sprintf("more than %d elements", elementsPerLine)
	default:
		return ""
	}
}

// readBytes reads bytes outside of brackets, as many as there are side by side and may be, and
// returns how many. It is most of what there is to read.
func (r *Reader) readBytes(m *scratch, b []byte) int {
	if m.open != 0 {
		return 0
	}
	n, most := 0, min(elementsPerLine-m.elements, m.most-m.length)
	for at := 0; at+1 < len(b) && n < most; at += 3 {
		high, low := r.digits[b[at]], r.digits[b[at+1]]
		if high|low > 0x0F || at+2 < len(b) && b[at+2] != ' ' {
			break
		}
		m.bytes = append(m.bytes, high<<4|low)
		n++
		if at+2 == len(b) {
			break
		}
	}
	if n > 0 {
		m.put(n)
		m.elements += n
	}
	return n
}

// readElement reads a byte or a span from the start of b and returns how many columns it takes, or
// what is wrong with it. Plain bytes side by side become one part, and so do those in brackets.
func (r *Reader) readElement(m *scratch, b []byte) (size int, fault string) {
	if len(b) > 0 && b[0] == '[' && m.open == 0 {
		part, size, fault := r.readSpan(b)
		if fault == "" {
			m.begin(part)
			m.length += part.Len
		}
		return size, fault
	}
	if m.open == 0 {
		if size, fault = r.readOpening(m, b); fault != "" {
			return 0, fault
		}
	}
	n, fault := r.readByte(m, b[size:])
	return size + n, fault
}

// readByte reads a byte, and what closes the brackets behind it.
func (r *Reader) readByte(m *scratch, b []byte) (size int, fault string) {
	if len(b) < 2 {
		return 0, "byte expected"
	}
	high, low := r.digits[b[0]], r.digits[b[1]]
	if high|low > 0x0F {
		return 0, "byte expected: two digits, 0 to 9 and A to F"
	}
	m.bytes = append(m.bytes, high<<4|low)
	m.put(1)
	size = 2
	if m.open != 0 && len(b) > 2 && b[2] == m.open {
		m.open = 0
		size++
	}
	return size, ""
}

// readOpening reads "(label " or "{label ", if b begins so, and begins its part.
func (r *Reader) readOpening(m *scratch, b []byte) (size int, fault string) {
	for _, mark := range [...]Mark{Varying, StandIn} {
		opening, closing := mark.brackets()
		if len(b) == 0 || b[0] != opening {
			continue
		}
		label, _, _ := bytes.Cut(b[1:min(len(b), maxLabel+2)], []byte(" "))
		name := r.label(label)
		if !validLabel(name) || len(b) < len(label)+2 {
			return 0, "bracket needs a label and bytes"
		}
		m.begin(Part{Mark: mark, Label: name})
		m.open = closing
		return len(label) + 2, ""
	}
	return 0, ""
}

// readSpan reads "[label number]".
func (r *Reader) readSpan(b []byte) (part Part, size int, fault string) {
	end := bytes.IndexByte(b, ']')
	if end < 0 {
		return Part{}, 0, "span isn't closed"
	}
	label, length, _ := bytes.Cut(b[1:end], []byte(" "))
	part = Part{Mark: Absent, Label: r.label(label), Len: number(length)}
	switch {
	case !validLabel(part.Label):
		return Part{}, 0, "span needs a label"
	case part.Len == 0:
		return Part{}, 0, "span needs a number of bytes"
	}
	return part, end + 1, ""
}

// mostLabels is how many labels a reader keeps in mind.
const mostLabels = 64

// label returns a label as a string: those that were seen before without allocating.
func (r *Reader) label(b []byte) string {
	if known, ok := r.labels[string(b)]; ok {
		return known
	}
	label := string(b)
	if len(b) <= maxLabel && len(r.labels) < mostLabels {
		r.labels[label] = label
	}
	return label
}

// noDigit is what isn't a digit in the table of digits.
const noDigit = 0xFF

// digitTable returns the values of hexadecimal digits, letters capital, by their characters.
func digitTable() (table [256]byte) {
	for c := range table {
		table[c] = noDigit
	}
	for value, c := range "0123456789ABCDEF" {
		table[c] = byte(value & 0x0F)
	}
	return table
}

// digit returns the value of a hexadecimal digit, letters capital, or -1.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
