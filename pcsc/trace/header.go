package trace

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"tapbench/pcsc"
)

// Magic is the first line of every trace.
const Magic = magicStem + "v1"

// magicStem begins the first line whatever its version.
const magicStem = "# tapbench-apdu "

// Key names a field of the header.
type Key string

// The keys; others are refused.
const (
	// KeySpec says what prescribes the dialogue, such as "ISO/IEC 7816-4:2005, 7.5.6".
	KeySpec Key = "spec"
	// KeyExpect says in one word what the dialogue shows.
	KeyExpect Key = "expect"
	// KeyComment says why the dialogue is as it is. It may come more than once.
	KeyComment Key = "comment"
	// KeyATR is the card's answer to reset.
	KeyATR Key = "atr"
	// KeyProtocol is the transmission protocol, T=0 or T=1.
	KeyProtocol Key = "protocol"
	// KeyReader is the reader's name.
	KeyReader Key = "reader"
	// KeyOrigin says in one word what the dialogue was made from, such as "pcap".
	KeyOrigin Key = "origin"
	// KeyRedaction says what became of secrets: one of the Redaction constants.
	KeyRedaction Key = "redaction"
)

// The values of [KeyRedaction].
const (
	// RedactionStandIns: what isn't known to be harmless is under stand-ins.
	RedactionStandIns = "stand-ins"
	// RedactionHidden: only headers, lengths and status words were kept.
	RedactionHidden = "hidden"
	// RedactionNone: everything is there, secrets too.
	RedactionNone = "none"
)

// Field is one line of the header.
type Field struct {
	Key   Key
	Value string
}

// Header is what stands before the dialogue, in the order of its lines.
type Header []Field

// Get returns the value of the first field with that key, or "".
func (h Header) Get(key Key) string {
	for _, f := range h {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// ATR returns the answer to reset that the header names, or nil.
func (h Header) ATR() []byte {
	atr, err := hex.DecodeString(strings.ReplaceAll(h.Get(KeyATR), " ", ""))
	if err != nil || len(atr) == 0 {
		return nil
	}
	return atr
}

// Protocol returns the protocol that the header names, or pcsc.ProtocolUnknown.
func (h Header) Protocol() pcsc.Protocol {
	for _, p := range []pcsc.Protocol{pcsc.ProtocolT0, pcsc.ProtocolT1} {
		if h.Get(KeyProtocol) == p.String() {
			return p
		}
	}
	return pcsc.ProtocolUnknown
}

// fault says what is wrong with a field that comes after the fields of h, or "".
func (h Header) fault(f Field) string {
	valid := validText
	switch f.Key {
	case KeySpec, KeyComment, KeyReader:
	case KeyExpect, KeyOrigin:
		valid = validWord
	case KeyRedaction:
		valid = func(s string) bool {
			return s == RedactionStandIns || s == RedactionHidden || s == RedactionNone
		}
	case KeyATR:
		valid = validATR
	case KeyProtocol:
		valid = func(s string) bool { return s == "T=0" || s == "T=1" }
	default:
		return "unknown key " + quote(string(f.Key))
	}
	if f.Key != KeyComment && h.Get(f.Key) != "" {
		return "second " + string(f.Key)
	}
	if len(f.Key)+2+len(f.Value) > maxLine || !valid(f.Value) {
		return "unusable " + string(f.Key) + " " + quote(f.Value)
	}
	return ""
}

// validText reports whether s is printable text without spaces around it.
func validText(s string) bool {
	if s == "" || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// validATR reports whether s is 2 to 33 bytes (ISO/IEC 7816-3:2006, 8.1) as a trace writes them.
func validATR(s string) bool {
	atr, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	return err == nil && len(atr) >= 2 && len(atr) <= 33 && s == spaced(atr)
}

// spaced writes bytes as a trace does.
func spaced(b []byte) string {
	var dst []byte
	for i, v := range b {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendByte(dst, v)
	}
	return string(dst)
}
