package gsmtap

import "tapbench/pcsc/apdu"

// form is one of the forms of a command.
type form struct {
	length int // of the command in bytes
	nc, ne int
}

// Split returns the command and the answer that follow each other in b, both aliasing it, and false
// if no form of a command fits; see the package's description for the rule. Both have the lengths
// that a trace allows: 4 bytes or more and 2 or more.
func Split(b []byte) (command, answer []byte, ok bool) {
	if len(b) < apdu.MinCommand+2 || !validSW1(b[len(b)-2]) {
		return nil, nil, false
	}
	var room order
	found := room[:0]
	for _, f := range formsOf(b) {
		if f.fits(len(b)) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return nil, nil, false
	}
	n := choose(b, found).length
	return b[:n:n], b[n:], true
}

// order has a place for each form, those that are preferred first.
type order [7]form

// formsOf returns the forms that b can begin with; a form that it can't has the length 0.
func formsOf(b []byte) order {
	forms := order{3: {length: apdu.MinCommand}}
	if len(b) < 5 {
		return forms
	}
	p3 := int(b[4])
	if p3 != 0 {
		forms[0] = form{length: 6 + p3, nc: p3}
		forms[1] = form{length: 5 + p3, nc: p3}
		if forms[0].length <= len(b) {
			forms[0].ne = shortNe(b[5+p3])
		}
	}
	forms[2] = form{length: 5, ne: shortNe(b[4])}
	if p3 != 0 || len(b) < 7 {
		return forms
	}
	n := int(b[5])<<8 | int(b[6])
	if n != 0 {
		forms[4] = form{length: 7 + n, nc: n}
		forms[5] = form{length: 9 + n, nc: n}
		if forms[5].length <= len(b) {
			forms[5].ne = extendedNe(b[7+n:])
		}
	}
	forms[6] = form{length: 7, ne: extendedNe(b[5:])}
	return forms
}

func shortNe(le byte) int {
	if le == 0 {
		return apdu.MaxShortNe
	}
	return int(le)
}

func extendedNe(le []byte) int {
	if n := int(le[0])<<8 | int(le[1]); n != 0 {
		return n
	}
	return apdu.MaxNe
}

// fits reports whether the form leaves an answer of n bytes in all that it can have asked for.
func (f form) fits(n int) bool {
	data := n - f.length - 2
	return f.length > 0 && data >= 0 && data <= f.ne
}

// choose returns the form that the rule prefers; there is at least one.
func choose(b []byte, found []form) form {
	if bare(b[len(b)-2]) {
		for _, f := range found {
			if f.length == len(b)-2 {
				return f
			}
		}
	}
	if sends, known := direction(b[1]); known {
		for _, f := range found {
			if (f.nc > 0) == sends {
				return f
			}
		}
	}
	return found[0]
}

// validSW1 reports whether a byte can be SW1: 61 to 6F or 90 to 9F (ISO/IEC 7816-4:2005, 5.1.3; the
// latter beyond 90 are those of SIMs, TS 51.011, 9.4).
func validSW1(sw1 byte) bool { return sw1 >= 0x61 && sw1 <= 0x6F || sw1 >= 0x90 && sw1 <= 0x9F }

// bare reports whether an answer with that SW1 has no data: the data is still to be fetched, or the
// command wasn't executed.
func bare(sw1 byte) bool { return sw1 == 0x61 || sw1 >= 0x64 && sw1 <= 0x6F }

// direction returns whether an instruction sends data to the card rather than receiving it, and
// whether it does the one and never the other (ISO/IEC 7816-4:2005, 5.1.2, table 4).
func direction(ins byte) (sends, known bool) {
	switch ins {
	case 0x0E, // ERASE BINARY
		0x20, 0x24, 0x2C, // VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER
		0x82,       // EXTERNAL AUTHENTICATE
		0xD0, 0xD2, // WRITE BINARY, WRITE RECORD
		0xD6, 0xDC, 0xE2, // UPDATE BINARY, UPDATE RECORD, APPEND RECORD
		0xDA, 0xDB: // PUT DATA
		return true, true
	case 0x84, // GET CHALLENGE
		0xB0, 0xB2, // READ BINARY, READ RECORD
		0xC0, 0xCA: // GET RESPONSE, GET DATA
		return false, true
	default:
		return false, false
	}
}
