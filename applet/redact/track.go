package redact

import (
	"bytes"

	"tapbench/applet/decode"
)

// track is where the parts of track data lie, in characters: half bytes in BCD, bytes in ASCII.
type track struct {
	pan number
	// from is where the PAN begins, separator where what ends it is.
	from, separator int
	// named says that a name comes before the rest (track 1).
	named bool
}

// The separators of track data in BCD and in ASCII (ISO/IEC 7813:2006, clause 6 and 7; EMV 4.3 Book
// 3, annex A, 57).
const (
	packedSeparator = 0x0D
	track1Separator = '^'
	track2Separator = '='
)

// parsePackedTrack reads track 2 equivalent data in BCD.
func parsePackedTrack(b []byte) (t track, ok bool) {
	for i := range 2 * len(b) {
		v := nibble(b, i)
		if v == packedSeparator {
			t.separator = i
			return t, t.pan.n >= leastPAN
		}
		if !t.pan.add('0' + v) {
			return t, false
		}
	}
	return t, false
}

// parseTrackText reads track 1 or 2 in ASCII, with or without start sentinel and format code.
func parseTrackText(b []byte) (t track, ok bool) {
	if len(b) > 0 && (b[0] == '%' || b[0] == ';') {
		t.from++
	}
	if t.from < len(b) && b[t.from] == 'B' {
		t.from++
	}
	for i := t.from; i < len(b); i++ {
		if b[i] == track1Separator || b[i] == track2Separator {
			t.separator, t.named = i, b[i] == track1Separator
			return t, t.pan.n >= leastPAN
		}
		if !t.pan.add(b[i]) {
			return t, false
		}
	}
	return t, false
}

// isTestTrack reports whether the value of a field is track data with a PAN of the test IIN.
func isTestTrack(f *decode.Field, b []byte) bool {
	t, ok := parseTrack(f, b)
	return ok && t.pan.isTest()
}

func parseTrack(f *decode.Field, b []byte) (t track, ok bool) {
	if f.Format == decode.Alphanumeric {
		return parseTrackText(b)
	}
	return parsePackedTrack(b)
}

// track writes the stand-in for track data, or for a part of it that has no PAN.
func (f *forger) track(dst, value []byte, field *decode.Field) {
	t, ok := parseTrack(field, value)
	switch {
	case field.Format != decode.Alphanumeric && !ok:
		f.packedDigits(dst, value)
	case field.Format != decode.Alphanumeric:
		f.packedTrack(dst, value, &t)
	case !ok:
		f.begin(forTrack, value)
		f.characters(dst, value)
	default:
		f.trackText(dst, value, &t)
	}
}

// packedTrack keeps separators and padding.
func (f *forger) packedTrack(dst, value []byte, t *track) {
	copy(dst, value)
	q := f.pan(&t.pan)
	q.pack(dst, t.from)
	f.begin(forTrack, value)
	place := 0
	for i := t.separator + 1; i < padded(value); i++ {
		if nibble(value, i) != packedSeparator {
			setNibble(dst, i, f.trackDigit(place))
			place++
		}
	}
}

// trackText keeps sentinel, format code and separators.
func (f *forger) trackText(dst, value []byte, t *track) {
	copy(dst, value)
	q := f.pan(&t.pan)
	copy(dst[t.from:], q.text())
	at := t.separator + 1
	if n := bytes.IndexByte(value[at:], track1Separator); t.named && n >= 0 {
		f.letters(dst[at:at+n], value[at:at+n])
		at += n + 1
	}
	f.begin(forTrack, value)
	const placed = 7 // YYMM and service code
	head := min(len(value), at+placed)
	for i, c := range value[at:head] {
		if c >= '0' && c <= '9' {
			dst[at+i] = '0' + f.trackDigit(i)
		} else {
			f.characters(dst[at+i:at+i+1], value[at+i:at+i+1])
		}
	}
	f.characters(dst[head:], value[head:])
}

// trackDigit returns a digit for a place behind the PAN: of a date YYMM, of a service code (ISO/IEC
// 7813:2006, 4.2), or of discretionary data. The month is 01 to 09.
func (f *forger) trackDigit(place int) byte {
	switch place {
	case 2:
		_ = f.below(10)
		return 0
	case 3:
		return 1 + f.below(9)
	case 4:
		return [...]byte{1, 2, 5, 6}[f.below(4)]
	case 5:
		return 2 * f.below(3)
	case 6:
		return f.below(8)
	default:
		return f.below(10)
	}
}
