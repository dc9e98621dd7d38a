package show

import (
	"strings"
	"unicode"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
)

// sensitive reports whether a value may not even be looked at. What is only unknown or enciphered
// is shown as the trace has it: the recorder has decided about it.
func sensitive(s decode.Secrecy) bool {
	switch s {
	case decode.PAN, decode.Track, decode.Holder, decode.PIN, decode.Key, decode.Signed:
		return true
	case decode.Unknown, decode.Clear, decode.Secured, decode.History:
		return false
	default:
		return true
	}
}

// words returns a value's meaning, and its bits if they may be looked at. A stand-in is nobody's
// secret.
func words(f decode.Field, value []byte, hidden, standIn bool) (string, []Bit) {
	if standIn || !sensitive(f.Secrecy) {
		f.Secrecy = decode.Clear
	}
	text := printable(decode.Describe(f, value))
	if hidden || f.Format != decode.BitField {
		return text, nil
	}
	var bits []Bit
	for _, b := range decode.Bits(f.Tag, value) {
		bits = append(bits, Bit{Byte: b.Byte, Bit: b.Bit, Set: b.Set, Text: printable(b.Text)})
	}
	return text, bits
}

func status(sw apdu.SW) *Status {
	s := &Status{Word: sw.String(), Text: decode.StatusText(sw), Mood: Bad}
	switch {
	case sw.IsNormal():
		s.Mood = Good
	case sw.IsWarning(), sw.SW1() == 0x6C:
		s.Mood = Odd
	}
	return s
}

// printable takes out what a terminal or a page might take for more than text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, s)
}
