package decode

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// grammar says which standard gives the tags of a template their meaning.
type grammar byte

const (
	dataGrammar grammar = iota // the application's
	fileGrammar                // file control parameters (ISO/IEC 7816-4:2005, 5.3.3, table 12)
	authGrammar                // GENERAL AUTHENTICATE (ISO/IEC 7816-4:2005, 7.5.5, table 64)
)

// tree adds the data objects of whole[from:to] and returns whether that is what they are. If not,
// nothing was added. Bytes 00 between objects are padding.
func (r *reading) tree(from, to, depth int, of grammar) bool {
	mark := len(r.fields)
	objects := tlv.NewReader(r.whole[from:to])
	for at := from; at < to; {
		start := at
		for start < to && r.whole[start] == 0 {
			start++
		}
		if start > at {
			r.add(Field{
				Name: "padding", Start: at, Off: at, Len: start - at, Depth: depth, Secrecy: Clear,
			})
		}
		if start == to {
			break
		}
		e, err := objects.Next()
		if err != nil {
			r.fields = r.fields[:mark]
			return false
		}
		at = to - objects.Left()
		r.object(e, start, at-len(e.Value), depth, of)
	}
	return true
}

// object adds one data object, which begins at start and whose value is at off, and what is in it.
func (r *reading) object(e tlv.Element, start, off, depth int, of grammar) {
	t := r.trait(e.Tag, of)
	f := Field{
		Tag: e.Tag, Name: r.name(e.Tag, of), Start: start, Off: off,
		Len: len(e.Value), Depth: depth,
		Format: t.format, Variation: t.variation, Secrecy: t.secrecy,
	}
	if e.Tag.Constructed() && depth < tlv.MaxDepth {
		r.template(f, grammarIn(e.Tag, of))
		return
	}
	i := r.add(f)
	if r.learn {
		r.dialogue.remember(e.Tag, e.Value)
	}
	if i >= 0 && r.dialogue.kind.ours() && layout(e) {
		r.fields[i].Template, r.fields[i].Secrecy = true, Unknown
		r.split(e, off, depth+1)
	}
}

// layout reports whether a data object of ours holds parts without tags.
func layout(e tlv.Element) bool {
	switch e.Tag {
	case wire.TagCardClass:
		return len(e.Value) == wire.ClassLen
	case wire.TagToken:
		return len(e.Value) == emv.TokenLen
	case wire.TagTokenInterval:
		return len(e.Value) == 2
	case wire.TagTokenShown:
		return len(e.Value) == 2 || len(e.Value) == 2+wire.HashLen
	default:
		return false
	}
}

// template adds a constructed object with its objects, or as bytes if it holds something else.
func (r *reading) template(f Field, of grammar) {
	f.Template, f.Format, f.Variation, f.Secrecy = true, Binary, Constant, Unknown
	i := r.add(f)
	if !r.tree(f.Off, f.Off+f.Len, f.Depth+1, of) && i >= 0 {
		r.fields[i].Template = false
	}
}

// split adds the parts of a data object of ours, whose value lies at off of whole.
func (r *reading) split(e tlv.Element, off, depth int) {
	r.next = off
	switch e.Tag {
	case wire.TagToken:
		r.token(depth)
	case wire.TagTokenInterval, wire.TagTokenShown:
		r.shown(len(e.Value), depth)
	default:
		r.class(depth)
	}
}

// class takes a card's class.
func (r *reading) class(depth int) {
	r.element(0, "limit", wire.AmountLen, depth, trait{Amount, Constant, Clear})
	r.element(0, "currency", wire.CurrencyLen, depth, trait{Currency, Constant, Clear})
	r.element(0, nameExpiry, wire.EpochLen, depth, trait{Integer, DateTime, Clear})
	r.element(0, nameCardKind, 1, depth, trait{Coded, Constant, Clear})
}

// grammarIn returns the grammar of what is in a template.
func grammarIn(tag tlv.Tag, of grammar) grammar {
	switch tag {
	case 0x62, 0x64, emv.TagFCI:
		return fileGrammar
	case emv.TagFCIProprietary, emv.TagFCIDiscretionary:
		return dataGrammar
	case 0x7C:
		return authGrammar
	default:
		return of
	}
}

// single reports whether b is one constructed data object and nothing else, as far as its first
// bytes tell.
func single(b []byte) bool {
	objects := tlv.NewReader(b)
	e, err := objects.Next()
	return err == nil && b[0] != 0 && e.Tag.Constructed() && objects.Left() == 0
}

// singleOf reports whether b is one data object of that tag and nothing else but padding.
func singleOf(b []byte, tag tlv.Tag) bool {
	objects := tlv.NewReader(b)
	e, err := objects.Next()
	return err == nil && e.Tag == tag && zeros(b[len(b)-objects.Left():])
}

// zeros reports whether b is padding.
func zeros(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// list adds the pieces of the data whole[from:to] that a data object list asks for, and returns
// whether they are as long as that. If not, nothing was added.
func (r *reading) list(dol []byte, from, to, depth int) bool {
	mark, at := len(r.fields), from
	for len(dol) > 0 {
		e, rest, err := tlv.NextDOL(dol)
		if err != nil || at+e.Len > to {
			r.fields = r.fields[:mark]
			return false
		}
		t := r.trait(e.Tag, dataGrammar)
		r.add(Field{
			Tag: e.Tag, Name: r.name(e.Tag, dataGrammar), Start: at, Off: at,
			Len: e.Len, Depth: depth, Format: t.format, Variation: t.variation, Secrecy: t.secrecy,
		})
		dol, at = rest, at+e.Len
	}
	if at != to {
		r.fields = r.fields[:mark]
	}
	return at == to
}
