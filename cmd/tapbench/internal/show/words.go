package show

import (
	"strings"
	"unicode"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
)

// sensitive reports whether a value may not even be looked at. What is only unknown or enciphered is
// shown as the trace has it: the recorder has decided about it.
func sensitive(s decode.Secrecy) bool {
	switch s {
	case decode.PAN, decode.Track, decode.Holder, decode.PIN, decode.Key:
		return true
	case decode.Unknown, decode.Clear, decode.Secured:
		return false
	default:
		return true
	}
}

// words returns a value's meaning, and its bits if it may be looked at.
func words(f decode.Field, value []byte, open bool) (string, []Bit) {
	_, _ = value, open
	_ = f
	return "", nil
}

func status(sw apdu.SW) *Status {
	s := &Status{Word: sw.String(), Mood: Bad}
	if _, text, found := strings.Cut(sw.Error(), " "); found {
		s.Text = printable(text)
	}
	switch {
	case sw.IsNormal():
		s.Mood = Good
	case sw.IsWarning(), sw.SW1() == 0x6C:
		s.Mood = Odd
	}
	return s
}

func phaseText(p decode.Phase) string {
	return [...]string{
		"other", "selection", "phase 0: personalisation", "phase 1: attestation",
		"phase 2: bank account", "phase 3: TSM account", "phase 4: cards", "phase 5: initiation",
		"phase 5: reading", "phase 5: authorisation",
	}[p]
}

func variationText(decode.Variation) string { return "" }
func secrecyText(decode.Secrecy) string     { return "" }

// printable takes out what a terminal or a page might take for more than text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsPrint(r) {
			return r
		}
		return '·'
	}, s)
}
