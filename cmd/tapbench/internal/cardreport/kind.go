package cardreport

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
)

// algorithms are those of DF01, from bit 0001 on (applet/PROTOCOL.md, GET DATA), with a gap.
func algorithms() []string { return []string{"ECDSA", "ECDH", "AES-CBC", "AES-CMAC"} }

// capabilityLen is the length of DF01, in bytes.
const capabilityLen = 10

// ParseCapability reads data object DF01: version || bank slots || TID slots || card slots || token
// slots || tap tries || buffer length [2] || algorithms [2].
func ParseCapability(raw []byte) (Capability, error) {
	if len(raw) != capabilityLen {
		return Capability{}, fmt.Errorf("capability of %d bytes, want %d", len(raw), capabilityLen)
	}
	c := Capability{
		Version: int(raw[0]), BankSlots: int(raw[1]), TIDSlots: int(raw[2]), CardSlots: int(raw[3]),
		TokenSlots: int(raw[4]), TapTries: int(raw[5]), Buffer: int(binary.BigEndian.Uint16(raw[6:])),
		Algorithms: []string{}, Missing: []string{},
	}
	bits := binary.BigEndian.Uint16(raw[8:])
	for i, name := range algorithms() {
		if bits&(1<<i) != 0 {
			c.Algorithms = append(c.Algorithms, name)
		} else {
			c.Missing = append(c.Missing, name)
		}
	}
	return c, nil
}

// ReaderKind returns what kind of reader a PC/SC name is of, without what says which of several it
// is: drivers add an interface and a serial number in brackets, pcscd two numbers at the end.
func ReaderKind(name string) string {
	kind := regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)|\s[0-9A-F]{2}\s[0-9A-F]{2}$`).
		ReplaceAllString(name, " ")
	var words []string
	for word := range strings.FieldsSeq(kind) {
		word = regexp.MustCompile(`[^A-Za-z0-9.,+/&-]`).ReplaceAllString(word, "")
		if word != "" && !regexp.MustCompile(identifying).MatchString(word) {
			words = append(words, word)
		}
	}
	kind = strings.Join(words, " ")
	if len(kind) > 40 {
		kind = strings.TrimSpace(kind[:40])
	}
	if CheckKind(kind) != nil {
		return "unknown"
	}
	return kind
}
