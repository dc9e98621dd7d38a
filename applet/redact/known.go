package redact

import (
	"bytes"
	"encoding/binary"
	"slices"

	"tapbench/applet/decode"
)

const (
	// leastSecret is the length of the shortest secret that is looked for, in bytes.
	leastSecret = 6
	// mostSecret is that of the longest.
	mostSecret = 256
	// mostSecrets is how many forms of secrets are remembered.
	mostSecrets = 64
)

// roomy is the room that a form has at least, in bytes.
const roomy = 64

// none is the half byte that a form doesn't have.
const none = 0xFF

// form is what a secret looks like in a message, with its stand-in.
type form struct {
	kind          decode.Secrecy
	bytes, forged []byte
	// head and tail are the half bytes before and behind, or none: a PAN needn't begin and end with
	// a byte.
	head, tail             byte
	forgedHead, forgedTail byte
}

// register is what is known of the secrets of a dialogue.
type register struct {
	forms  []form
	oldest int
	// filter has the bit of each form's first four bytes, so that most places are passed at once.
	filter [filterBits / 64]uint64
}

// filterBits is how many bits the filter has: many more than there are forms.
const filterBits = 1 << 12

// place returns the bit of four bytes: the high bits of a product (Knuth, The Art of Computer
// Programming, volume 3, 6.4, multiplicative hashing).
func place(b []byte) uint32 {
	return binary.LittleEndian.Uint32(b) * 0x9E3779B1 / (1 << 32 / filterBits)
}

// hit is where a form was found.
type hit struct {
	*form
	from, to   int
	head, tail bool
}

// find returns the first place in b, as long as a secret at least, at which a known one stands.
func (r *register) find(b []byte) (hit, bool) {
	if len(r.forms) == 0 {
		return hit{}, false
	}
	for i := 0; i+leastForm <= len(b); i++ {
		bit := place(b[i:])
		if r.filter[bit>>6]>>(bit&0x3F)&1 == 0 {
			continue
		}
		if f := r.longest(b[i:]); f != nil {
			return f.at(b, i), true
		}
	}
	return hit{}, false
}

// longest returns the longest form with which b begins, or nil.
func (r *register) longest(b []byte) *form {
	var found *form
	for i := range r.forms {
		f := &r.forms[i]
		if bytes.HasPrefix(b, f.bytes) && (found == nil || len(found.bytes) < len(f.bytes)) {
			found = f
		}
	}
	return found
}

// leastForm is the length of the shortest form: the whole bytes of a PAN of 12 digits that begins
// in the middle of one.
const leastForm = leastSecret - 1

// at returns the hit at index i of b, with the half bytes around it if they belong to it.
func (f *form) at(b []byte, i int) hit {
	h := hit{form: f, from: i, to: i + len(f.bytes)}
	if f.head != none && i > 0 && b[i-1]&0x0F == f.head {
		h.head = true
		h.from--
	}
	if f.tail != none && h.to < len(b) && b[h.to]>>4 == f.tail {
		h.tail = true
		h.to++
	}
	return h
}

// write writes the stand-in over a copy of the bytes that were hit.
func (h *hit) write(dst []byte) {
	if h.head {
		setNibble(dst, 1, h.forgedHead)
		dst = dst[1:]
	}
	n := copy(dst, h.forged)
	if h.tail {
		setNibble(dst, 2*n, h.forgedTail)
	}
}

// add remembers the secret in the value of a field.
func (r *register) add(f *forger, field *decode.Field, value []byte) {
	switch field.Secrecy {
	case decode.PAN:
		if p, _, ok := parsePAN(value); ok {
			r.addPAN(f, &p)
		}
	case decode.Track:
		if t, ok := parseTrack(field, value); ok {
			r.addPAN(f, &t.pan)
		}
	default:
		if field.Secrecy == decode.Holder {
			value = bytes.TrimRight(value, " ")
		}
		if known := r.room(field.Secrecy, value); known != nil {
			known.forged = append(known.forged[:0], value...)
			f.value(known.forged, field, value)
		}
	}
}

// addPAN remembers a PAN in ASCII, and in BCD both beginning with a byte and within one.
func (r *register) addPAN(f *forger, p *number) {
	if p.n < leastInUse || p.isTest() {
		return
	}
	text := p.text()
	known := r.room(decode.PAN, text)
	if known == nil {
		return
	}
	q := f.pan(p)
	known.forged = append(known.forged[:0], q.text()...)
	var packed, forged [(mostPAN + 1) / 2]byte
	for shift := range 2 {
		whole := (p.n - shift) / 2
		for i := range whole {
			packed[i] = text[shift+2*i]<<4 | text[shift+2*i+1]&0x0F
			forged[i] = q.digits[shift+2*i]<<4 | q.digits[shift+2*i+1]&0x0F
		}
		known := r.room(decode.PAN, packed[:whole])
		if known == nil {
			continue
		}
		known.forged = append(known.forged[:0], forged[:whole]...)
		if shift == 1 {
			known.head, known.forgedHead = text[0]&0x0F, q.digits[0]&0x0F
		}
		if last := p.n - 1; (p.n-shift)%2 == 1 {
			known.tail, known.forgedTail = text[last]&0x0F, q.digits[last]&0x0F
		}
	}
}

// room returns the form for these bytes, whose stand-in is to be filled in, or nil if they are
// known, too few or too many, or could be anything.
func (r *register) room(s decode.Secrecy, b []byte) *form {
	least := leastSecret
	if s == decode.PAN {
		least = leastForm
	}
	if len(b) < least || len(b) > mostSecret || dull(b) {
		return nil
	}
	for i := range r.forms {
		if bytes.Equal(r.forms[i].bytes, b) {
			return nil
		}
	}
	var f *form
	if len(r.forms) < mostSecrets {
		r.forms = append(r.forms, form{})
		f = &r.forms[len(r.forms)-1]
	} else {
		f = &r.forms[r.oldest]
		r.oldest = (r.oldest + 1) % mostSecrets
	}
	f.bytes = append(slices.Grow(f.bytes[:0], roomy), b...)
	f.forged = slices.Grow(f.forged[:0], roomy)
	f.kind, f.head, f.tail = s, none, none
	r.index()
	return f
}

// index makes the filter anew.
func (r *register) index() {
	clear(r.filter[:])
	for i := range r.forms {
		bit := place(r.forms[i].bytes)
		r.filter[bit>>6] |= 1 << (bit & 0x3F)
	}
}

// dull reports whether b has fewer than three different bytes, as padding has.
func dull(b []byte) bool {
	other := b[0]
	for _, c := range b {
		switch {
		case c == b[0] || c == other:
		case other == b[0]:
			other = c
		default:
			return false
		}
	}
	return true
}
