package firmware

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxText is how much of a text is shown, in characters.
const maxText = 60

// String returns what the event's data says, in words: a name, a text, or how long it is. It is the
// log's claim, unless [Event.Measured].
func (e Event) String() string {
	if first, sets := e.firstValue(); sets {
		return fmt.Sprintf("started from locality %d", first[31])
	}
	switch e.Type {
	case Separator:
		if len(bytes.Trim(e.Data, "\x00")) == 0 {
			return "the firmware hands over"
		}
		return fmt.Sprintf("the firmware failed: %x", cut(e.Data))
	case Action, EFIAction, CRTMVersion, IPL, NoAction:
		return text(e.Data)
	case VariableConfig, VariableBoot, VariableBoot2, VariableAuthority:
		return e.variable()
	case Application, BootDriver, RuntimeDriver:
		in := newReader(e.Data)
		if address, size := in.U64(), in.U64(); in.Err() == nil {
			return fmt.Sprintf("image of %d bytes at %X", size, address)
		}
	case FirmwareBlob:
		in := newReader(e.Data)
		if address, size := in.U64(), in.U64(); in.Err() == nil {
			return fmt.Sprintf("firmware of %d bytes at %X", size, address)
		}
	case Tagged:
		in := newReader(e.Data)
		in.U32()
		if content := in.Take(uint64(in.U32())); in.Err() == nil {
			return text(content)
		}
	case HCRTM: // a digest at most
	}
	return count(len(e.Data))
}

// variable describes a variable: short values in hexadecimal.
func (e Event) variable() string {
	v, err := parseVariable(e.Data)
	if err != nil {
		return count(len(e.Data))
	}
	name := text([]byte(v.name))
	if v.name == "" {
		name = "nameless"
	}
	if len(v.value) > 0 && len(v.value) <= 8 {
		return fmt.Sprintf("%s = %X", name, v.value)
	}
	return name + ", " + count(len(v.value))
}

// text returns what may be shown of a text in ASCII, UTF-8 or UTF-16.
func text(b []byte) string {
	s := string(bytes.TrimRight(b, "\x00"))
	if len(b)%2 == 0 && len(b) > 1 && b[0] != 0 && b[1] == 0 {
		s = strings.TrimRight(wide(b), "\x00")
	}
	if s == "" || !utf8.ValidString(s) {
		return count(len(b))
	}
	var out strings.Builder
	for i, c := range []rune(s) {
		if i == maxText {
			return out.String() + "…"
		}
		if c < ' ' || c == 0x7F || c >= 0x80 && c < 0xA0 {
			c = '?'
		}
		out.WriteRune(c)
	}
	return out.String()
}

// cut returns the first bytes of data.
func cut(b []byte) []byte { return b[:min(len(b), 16)] }

func count(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
