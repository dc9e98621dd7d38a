package search

// encoding is how bytes are written as text.
type encoding struct {
	digit *[256]int8 // a character's value, or one of those below
	bits  uint       // of a digit
}

// What characters are that aren't digits.
const (
	stranger  int8 = -1 // ends what belongs together
	separator int8 = -2 // may stand between digits
)

// hexadecimal takes both cases; blanks, colons and dashes may stand between the digits. So it reads
// packed decimal digits, too.
func hexadecimal() encoding {
	return newEncoding("0123456789abcdef", "0123456789ABCDEF", " :-\r\n\t", 4)
}

// base64 takes both alphabets of RFC 4648 at the same time, and lines.
func base64() encoding {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	return newEncoding(letters+"+/", letters+"-_", "\r\n", 6)
}

func newEncoding(digits, alternative, separators string, bits uint) encoding {
	e := encoding{digit: new([256]int8), bits: bits}
	for i := range e.digit {
		e.digit[i] = stranger
	}
	for i := range digits {
		e.digit[digits[i]] = int8(i)      //nolint:gosec // at most 64
		e.digit[alternative[i]] = int8(i) //nolint:gosec // at most 64
	}
	for i := range separators {
		e.digit[separators[i]] = separator
	}
	return e
}

// run undoes an encoding where there is enough of it: digits that could be a pattern. As it can't
// be known where the bytes of interest begin, it does so once for each digit with which a byte may
// begin.
type run struct {
	encoding
	enough int     // digits
	held   []digit // what is there while it isn't enough
	long   bool    // it is enough
	phases []decoder
}

// digit is a digit's value and where in the stream it stands.
type digit struct {
	value  int8
	offset int64
}

// newRun returns how to undo an encoding into views that child makes.
func newRun(e encoding, phases int, child func() *view) run {
	r := run{encoding: e, enough: int(MinPattern*8+e.bits-1) / int(e.bits)}
	r.held = make([]digit, 0, r.enough)
	for skip := range phases {
		r.phases = append(r.phases, decoder{bits: e.bits, skip: skip, left: skip, out: child()})
	}
	return r
}

func (r *run) push(b byte, offset int64, report func(Hit)) {
	value := r.digit[b]
	switch {
	case value == stranger:
		r.cut()
	case value == separator:
	case r.long:
		r.decode(digit{value, offset}, report)
	default:
		r.held = append(r.held, digit{value, offset})
		if r.long = len(r.held) == r.enough; r.long {
			for _, d := range r.held {
				r.decode(d, report)
			}
		}
	}
}

func (r *run) decode(d digit, report func(Hit)) {
	for i := range r.phases {
		r.phases[i].push(d, report)
	}
}

// cut begins anew.
func (r *run) cut() {
	r.held = r.held[:0]
	if r.long {
		r.long = false
		for i := range r.phases {
			r.phases[i].cut()
		}
	}
}

// decoder undoes an encoding from a digit of a run on.
type decoder struct {
	bits    uint // of a digit
	skip    int  // digits left out at the beginning
	out     *view
	left    int    // digits still to be left out
	waiting uint32 // bits that wait for more
	filled  uint   // how many
	before  int64  // where the digit before stands
}

func (d *decoder) push(next digit, report func(Hit)) {
	if d.left > 0 {
		d.left--
		return
	}
	d.waiting = d.waiting<<d.bits | uint32(next.value) //nolint:gosec // not negative
	d.filled += d.bits
	if d.filled >= 8 {
		d.filled -= 8
		d.out.push(byte(d.waiting>>d.filled), d.before, report)
	}
	d.before = next.offset
}

func (d *decoder) cut() {
	d.left, d.waiting, d.filled = d.skip, 0, 0
	d.out.cut()
}
