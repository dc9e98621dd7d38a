package decode

import (
	"tapbench/pcsc/tlv"
)

// reading collects the fields of one message. Where the message is a piece of something longer,
// whole is all of it so far, and fields are cut to what lies in the message.
type reading struct {
	fields []Field
	// whole is the data field, with the pieces that came before; before is their length.
	whole  []byte
	before int
	// at and end are where this message's piece lies in the message.
	at, end int
	// partial says that more will follow.
	partial bool
	// next is how much of whole has been taken by layout.
	next int
	// dialogue is what is known of the application; learn says that lists are to be remembered.
	dialogue *dialogue
	learn    bool
	// offer says that it is the answer to SELECT.
	offer bool
}

// begin makes the reading ready for the data field whole[before:], which lies at offset at of its
// message.
func (r *reading) begin(d *dialogue, whole []byte, before, at int, partial bool) {
	r.whole, r.before, r.partial, r.next = whole, before, partial, 0
	r.at, r.end = at, at+len(whole)-before
	r.dialogue, r.learn, r.offer = d, false, false
}

// header adds a field that isn't data: n bytes at offset off of the message.
func (r *reading) header(name string, off, n int, format Format) {
	r.fields = append(r.fields, Field{
		Name: name, Start: off, Off: off, Len: n, Format: format, Secrecy: Clear,
	})
}

// status adds SW1-SW2 of an answer of n bytes.
func (r *reading) status(n int) {
	switch {
	case n >= 2:
		r.header(nameStatus, n-2, 2, Coded)
	case n == 1:
		r.header("half a status word", 0, 1, Binary)
	}
}

// add adds a field whose place is counted in whole, and returns its index, or -1 if it lies in
// another piece.
func (r *reading) add(f Field) int {
	shift := r.at - r.before
	end := f.Off + f.Len + shift
	f.Start, f.Off = f.Start+shift, f.Off+shift
	if f.Start < r.at && end <= r.at || f.Start > r.end || f.Start == r.end && end > r.end {
		return -1
	}
	f.Start, f.Off = max(f.Start, r.at), min(max(f.Off, r.at), r.end)
	f.Len = min(end, r.end) - f.Off
	r.fields = append(r.fields, f)
	return len(r.fields) - 1
}

// rest adds what no layout has taken as bytes.
func (r *reading) rest(name string, t trait) {
	if r.next < len(r.whole) {
		r.take(name, len(r.whole)-r.next, t)
	}
}

// take adds the next n bytes of the layout.
func (r *reading) take(name string, n int, t trait) { r.element(0, name, n, 0, t) }

// element adds the next n bytes of the layout: a data element without tag and length.
func (r *reading) element(tag tlv.Tag, name string, n, depth int, t trait) {
	r.add(Field{
		Tag: tag, Name: name, Start: r.next, Off: r.next, Len: n, Depth: depth,
		Format: t.format, Variation: t.variation, Secrecy: t.secrecy,
	})
	r.next += n
}

// within adds a template of n bytes whose fields the layout takes next.
func (r *reading) within(name string, n int) {
	r.add(Field{Name: name, Start: r.next, Off: r.next, Len: n, Template: true})
}

// closed ends a layout. If the data field isn't as long as the layout, what was added since mark
// is taken back, and the data field is bytes.
func (r *reading) closed(mark int) {
	if r.next == len(r.whole) || r.partial && r.next > len(r.whole) {
		return
	}
	r.fields, r.next = r.fields[:mark], 0
	r.rest("data", trait{})
}

// bytes adds the whole data field as one element.
func (r *reading) bytes(name string, t trait) {
	r.next = 0
	r.rest(name, t)
}

// name returns the name of a tag in the selected application. What a context-specific tag means in
// an application that nobody knows, nobody knows; before any selection EMV is as good a guess as
// any.
func (r *reading) name(tag tlv.Tag, of grammar) string {
	if r.dialogue.kind == foreign && of == dataGrammar && !r.offer &&
		tag.Class() == tlv.ClassContext {
		return ""
	}
	return tagName(tag, of, r.dialogue.kind)
}

// trait returns what is known of a tag in the selected application. Of an application that isn't
// known only the objects of its selection may be kept.
func (r *reading) trait(tag tlv.Tag, of grammar) trait {
	var t trait
	switch {
	case of == authGrammar:
		return trait{}
	case of == fileGrammar:
		t = fileTrait(tag)
	case r.dialogue.kind.ours():
		t = ownTrait(tag)
	case r.dialogue.kind == securityDomain:
		t = platformTrait(tag)
	default:
		t = traitOf(tag)
	}
	if r.dialogue.kind.known() || r.offer && (of == fileGrammar || public(tag)) {
		return t
	}
	return t.hidden()
}
