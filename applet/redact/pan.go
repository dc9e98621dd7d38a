package redact

import "tapbench/applet/emv"

// The numbers of digits of a PAN (ISO/IEC 7812-1:2006, 4.1: up to 19). Those in use have 12 or
// more; a stand-in needs one beside the test IIN and the check digit.
const (
	leastInUse = 12
	leastPAN   = len(emv.TestIIN) + 2
	mostPAN    = emv.PANDigits
)

// number is a PAN: its digits in ASCII.
type number struct {
	digits [mostPAN]byte
	n      int
}

func (p *number) text() []byte { return p.digits[:p.n] }

// add adds a digit in ASCII and returns whether there was room.
func (p *number) add(digit byte) bool {
	if digit < '0' || digit > '9' || p.n == mostPAN {
		return false
	}
	p.digits[p.n] = digit
	p.n++
	return true
}

// isTest reports whether the number is one of the bench's, which is nobody's secret.
func (p *number) isTest() bool {
	return p.n >= leastInUse && string(p.digits[:len(emv.TestIIN)]) == emv.TestIIN &&
		emv.Luhn(string(p.text()))
}

// nibble returns the i-th half byte.
func nibble(b []byte, i int) byte {
	if i%2 == 0 {
		return b[i/2] >> 4
	}
	return b[i/2] & 0x0F
}

// setNibble changes the i-th half byte.
func setNibble(b []byte, i int, v byte) {
	if i%2 == 0 {
		b[i/2] = b[i/2]&0x0F | v<<4
	} else {
		b[i/2] = b[i/2]&0xF0 | v
	}
}

// padding is the nibble that fills up format cn.
const padding = 0x0F

// padded returns the number of nibbles before the padding with F.
func padded(b []byte) int {
	n := 2 * len(b)
	for n > 0 && nibble(b, n-1) == padding {
		n--
	}
	return n
}

// parsePAN reads a PAN in format cn, with F behind, or n, with zeros before. from is the nibble at
// which the PAN begins.
func parsePAN(b []byte) (p number, from int, ok bool) {
	end := padded(b)
	for from < end && nibble(b, from) == 0 {
		from++
	}
	for i := from; i < end; i++ {
		if !p.add('0' + nibble(b, i)) {
			return p, from, false
		}
	}
	return p, from, p.n >= leastPAN
}

// isTestPAN reports whether the value is a PAN of the test IIN.
func isTestPAN(b []byte) bool {
	p, _, ok := parsePAN(b)
	return ok && p.isTest()
}

// pan returns the stand-in for a PAN of at least [leastPAN] digits.
func (f *forger) pan(p *number) number {
	if *p == f.latest {
		return f.latestForged
	}
	f.begin(forPAN, p.text())
	q := number{n: p.n}
	copy(q.digits[:], emv.TestIIN)
	for i := len(emv.TestIIN); i < p.n-1; i++ {
		q.digits[i] = '0' + f.below(10)
	}
	q.digits[p.n-1] = emv.CheckDigit(string(q.digits[:p.n-1]))
	f.latest, f.latestForged = *p, q
	return q
}

// packedPAN writes the stand-in for a value that is a PAN in BCD, as such; or else digits.
func (f *forger) packedPAN(dst, value []byte) {
	p, from, ok := parsePAN(value)
	if !ok {
		f.packedDigits(dst, value)
		return
	}
	copy(dst, value)
	q := f.pan(&p)
	q.pack(dst, from)
}

// pack writes the digits into the half bytes from the given one on.
func (p *number) pack(dst []byte, from int) {
	for i, c := range p.text() {
		setNibble(dst, from+i, c-'0')
	}
}

// packedDigits writes digits in BCD, in place of all but the padding.
func (f *forger) packedDigits(dst, value []byte) {
	f.begin(forDigits, value)
	end := padded(value)
	copy(dst, value)
	for i := range end {
		setNibble(dst, i, f.below(10))
	}
}
