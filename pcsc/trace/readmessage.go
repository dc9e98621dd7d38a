package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// readMessage reads the message that the current line begins, with all lines that continue it. It
// has from least to most bytes.
func (r *Reader) readMessage(least, most int) (Message, error) {
	m := message{most: most}
	for first := true; first || m.elements == elementsPerLine; first = false {
		line, err := r.peek()
		if errors.Is(err, io.EOF) && !first {
			break
		}
		if err != nil {
			return nil, err
		}
		if !first && !bytes.HasPrefix(line, []byte("  ")) {
			break
		}
		if column, fault := m.readLine(line); fault != "" {
			return nil, r.fault(column, fault)
		}
		r.take()
	}
	if m.open != 0 {
		return nil, r.fault(3, fmt.Sprintf("bracket isn't closed with %c", m.open))
	}
	if m.length < least {
		return nil, r.fault(3, fmt.Sprintf("%d bytes, want at least %d", m.length, least))
	}
	return m.parts, nil
}

// message is a message that is being read.
type message struct {
	parts    Message
	length   int  // in bytes, so far
	most     int  // that it may have
	elements int  // on the line that was read last
	open     byte // what closes the part that is open, or 0
}

// readLine reads the elements of one line behind its two columns of mark. It returns the column and
// the fault, if there is one.
func (m *message) readLine(line []byte) (column int, fault string) {
	if len(line) < 2 || line[1] != ' ' {
		return 2, "a space follows the mark"
	}
	m.elements = 0
	for at := 2; ; at++ {
		size, fault := m.readElement(line[at:])
		m.elements++
		switch {
		case fault != "":
			return at + 1, fault
		case m.length > m.most:
			return at + 1, fmt.Sprintf("more than %d bytes", m.most)
		case m.elements > elementsPerLine:
			return at + 1, fmt.Sprintf("more than %d elements", elementsPerLine)
		}
		if at += size; at == len(line) {
			return 0, ""
		}
		if line[at] != ' ' {
			return at + 1, "one space separates"
		}
	}
}

// readElement reads a byte or a span from the start of b and returns how many columns it takes, or
// what is wrong with it. Plain bytes side by side become one part, and so do those in brackets.
func (m *message) readElement(b []byte) (size int, fault string) {
	if len(b) > 0 && b[0] == '[' && m.open == 0 {
		part, size, fault := readSpan(b)
		if fault == "" {
			m.parts = append(m.parts, part)
			m.length += part.Len
		}
		return size, fault
	}
	if m.open == 0 {
		if size, fault = m.readOpening(b); fault != "" {
			return 0, fault
		}
	}
	n, fault := m.readByte(b[size:])
	return size + n, fault
}

// readByte reads a byte, and what closes the brackets behind it.
func (m *message) readByte(b []byte) (size int, fault string) {
	if len(b) < 2 {
		return 0, "byte expected"
	}
	high, low := digit(b[0]), digit(b[1])
	if high < 0 || low < 0 {
		return 0, "byte expected: two digits, 0 to 9 and A to F"
	}
	last := len(m.parts) - 1
	if m.open == 0 && (last < 0 || m.parts[last].Mark != Plain) {
		m.parts = append(m.parts, Part{})
		last++
	}
	m.parts[last].Bytes = append(m.parts[last].Bytes, byte((high<<4|low)&0xFF))
	m.length++
	size = 2
	if m.open != 0 && len(b) > 2 && b[2] == m.open {
		m.open = 0
		size++
	}
	return size, ""
}

// readOpening reads "(label " or "{label ", if b begins so, and begins its part.
func (m *message) readOpening(b []byte) (size int, fault string) {
	for _, mark := range []Mark{Varying, StandIn} {
		opening, closing := mark.brackets()
		if len(b) == 0 || b[0] != opening {
			continue
		}
		label, _, _ := bytes.Cut(b[1:min(len(b), maxLabel+2)], []byte(" "))
		if !validLabel(string(label)) || len(b) < len(label)+2 {
			return 0, "bracket needs a label and bytes"
		}
		m.parts = append(m.parts, Part{Mark: mark, Label: string(label)})
		m.open = closing
		return len(label) + 2, ""
	}
	return 0, ""
}

// readSpan reads "[label number]".
func readSpan(b []byte) (part Part, size int, fault string) {
	end := bytes.IndexByte(b, ']')
	if end < 0 {
		return Part{}, 0, "span isn't closed"
	}
	label, length, _ := bytes.Cut(b[1:end], []byte(" "))
	part = Part{Mark: Absent, Label: string(label), Len: number(length)}
	switch {
	case !validLabel(part.Label):
		return Part{}, 0, "span needs a label"
	case part.Len == 0:
		return Part{}, 0, "span needs a number of bytes"
	}
	return part, end + 1, ""
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
