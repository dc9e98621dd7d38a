package redact

import (
	"bytes"

	"tapbench/applet/decode"
)

// forger makes the stand-ins of one file. What it writes depends on the file's key, on the kind of
// secret and on the secret, and on nothing else.
type forger struct {
	stream
	// The PAN that was seen last, and its stand-in: cards send theirs more than once.
	latest, latestForged number
}

func newForger(key [32]byte) forger { return forger{stream: newStream(key)} }

// value writes the stand-in for the value of a field; dst is as long.
func (f *forger) value(dst []byte, field *decode.Field, value []byte) {
	switch field.Secrecy {
	case decode.PAN:
		f.packedPAN(dst, value)
	case decode.Track:
		f.track(dst, value, field)
	case decode.PIN:
		f.pin(dst, value)
	case decode.Key, decode.Secured:
		f.bytes(dst, value)
	default:
		f.formatted(dst, value, field.Format)
	}
}

// formatted keeps to the format, so that whoever reads the stand-in finds what it expects.
func (f *forger) formatted(dst, value []byte, format decode.Format) {
	switch format {
	case decode.Alphanumeric:
		if mixed(value) {
			f.begin(forLetters, bytes.TrimRight(value, " "))
			f.characters(dst, value)
			return
		}
		f.letters(dst, value)
	case decode.Numeric, decode.Compressed:
		f.packedDigits(dst, value)
	default:
		f.bytes(dst, value)
	}
}

func (f *forger) bytes(dst, value []byte) {
	f.begin(forBytes, value)
	f.read(dst)
}

// pin writes bytes of the nibbles A to E.
func (f *forger) pin(dst, value []byte) {
	f.begin(forPIN, value)
	for i := range dst {
		dst[i] = 0xAA + f.below(5)<<4 + f.below(5)
	}
}

// letters writes capital letters. With spaces behind, a text has the letters that it has without
// them, and more.
func (f *forger) letters(dst, value []byte) {
	f.begin(forLetters, bytes.TrimRight(value, " "))
	for i := range dst {
		dst[i] = 'A' + f.below(26)
	}
}

// characters writes digits for digits and capital letters for all else, from the stream that was
// begun.
func (f *forger) characters(dst, value []byte) {
	for i, c := range value {
		if c >= '0' && c <= '9' {
			dst[i] = '0' + f.below(10)
		} else {
			dst[i] = 'A' + f.below(26)
		}
	}
}

// mixed reports whether a text has digits, as an IBAN has: then digits stand for digits.
func mixed(value []byte) bool {
	return bytes.ContainsFunc(value, func(c rune) bool { return c >= '0' && c <= '9' })
}
