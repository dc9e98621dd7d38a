package show

import (
	"slices"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// roles tells which part of the transport an offset belongs to.
type roles struct{ header, data, tail int }

// commandRoles returns where a command's header ends, its data begins and what follows it.
func commandRoles(b []byte) roles {
	header := min(len(b), apdu.MinCommand)
	c, err := apdu.ParseCommand(b)
	if err != nil {
		return roles{header: header, data: header, tail: len(b)}
	}
	if len(c.Data) == 0 {
		return roles{header: header, data: len(b), tail: len(b)}
	}
	at := header + 1
	if b[header] == 0 {
		at += 2 // an extended Lc
	}
	return roles{header: header, data: at, tail: at + len(c.Data)}
}

func answerRoles(b []byte) roles { return roles{tail: len(b) - 2} }

func (r roles) of(f decode.Field, answer bool) Role {
	switch {
	case f.Off+f.Len <= r.header:
		return RoleHeader
	case f.Start >= r.tail && answer:
		return RoleStatus
	case f.Off+f.Len <= r.data, f.Start >= r.tail && f.Len > 0:
		return RoleLength
	default:
		return ""
	}
}

// reading is a message under way.
type reading struct {
	raw    []byte
	fields []decode.Field
	mark   []int // for each byte the part that it lies in, from 1; 0 for plain bytes
	shown  []bool
	out    *Message
}

// message joins what the trace has marked with what the bytes mean.
func message(m trace.Message, raw []byte, fields []decode.Field, r roles) *Message {
	n := len(raw)
	d := &reading{
		raw: raw, fields: fields, mark: make([]int, n), shown: make([]bool, n),
		out: &Message{Length: n, Elements: make([]Element, 0, len(fields))},
	}
	d.parts(m)
	answer := r.header == 0
	for _, f := range fields {
		if d.usable(f) {
			d.element(f, r.of(f, answer))
		}
	}
	d.gaps(r, answer)
	d.hex()
	return d.out
}

// parts notes the marked stretches.
func (d *reading) parts(m trace.Message) {
	at := 0
	for _, p := range m {
		n := max(len(p.Bytes), p.Len)
		n = min(n, len(d.raw)-at)
		if p.Mark != trace.Plain {
			d.out.Parts = append(d.out.Parts,
				Part{Mark: markName(p.Mark), Label: p.Label, Offset: at, Length: n})
		}
		for i := range n {
			d.shown[at+i] = p.Mark != trace.Absent
			if p.Mark != trace.Plain {
				d.mark[at+i] = len(d.out.Parts)
			}
		}
		at += n
	}
}

// partAt returns the marked part that a byte lies in, or nil.
func (d *reading) partAt(i int) *Part {
	if i >= len(d.mark) || d.mark[i] == 0 {
		return nil
	}
	return &d.out.Parts[d.mark[i]-1]
}

// usable reports whether a field means anything: one whose tag and length weren't kept doesn't, nor
// does one that lies outside the message.
func (d *reading) usable(f decode.Field) bool {
	if f.Start < 0 || f.Off < f.Start || f.Len < 0 || f.Off+f.Len > len(d.raw) {
		return false
	}
	for i := f.Start; i < f.Off; i++ {
		if p := d.partAt(i); p != nil && p.Mark == MarkAbsent {
			return false
		}
	}
	return true
}

// element adds a field.
func (d *reading) element(f decode.Field, role Role) {
	e := Element{
		Name: f.Name, Start: f.Start, Offset: f.Off, Length: f.Len, Depth: f.Depth,
		Template: f.Template, Role: role,
	}
	if !f.Template {
		e.Variation, e.Secrecy = f.Variation.Label(), f.Secrecy.Label()
	}
	if f.Tag != 0 {
		e.Tag = f.Tag.String()
	}
	kept := d.marks(&e)
	if !f.Template {
		e.Hidden = d.hide(f)
	}
	value := d.raw[f.Off : f.Off+f.Len]
	if kept && !f.Template {
		e.Text, e.Bits = words(f, value, e.Hidden, e.Mark == MarkStandIn)
	}
	d.out.Elements = append(d.out.Elements, e)
}

// marks notes the mark of the element's value and reports whether all of it was kept.
func (d *reading) marks(e *Element) bool {
	kept := true
	for i := e.Offset; i < e.Offset+e.Length; i++ {
		p := d.partAt(i)
		if p == nil {
			continue
		}
		kept = kept && p.Mark != MarkAbsent
		if e.Mark == "" && !e.Template {
			e.Mark, e.Label = p.Mark, p.Label
		}
	}
	return kept
}

// gaps adds an element for each stretch of bytes that no field accounts for.
func (d *reading) gaps(r roles, answer bool) {
	covered := make([]bool, len(d.raw))
	for _, e := range d.out.Elements {
		end := e.Offset + e.Length
		if e.Template {
			end = e.Offset
		}
		for i := e.Start; i < end; i++ {
			covered[i] = true
		}
	}
	named := len(d.out.Elements)
	for from := 0; from < len(d.raw); {
		if covered[from] {
			from++
			continue
		}
		end := from + 1
		for end < len(d.raw) && !covered[end] && d.mark[end] == d.mark[from] && end != r.tail {
			end++
		}
		e := Element{Name: "data", Start: from, Offset: from, Length: end - from, Depth: unplaced}
		e.Role = r.of(decode.Field{Start: from, Off: from, Len: end - from}, answer)
		d.marks(&e)
		d.out.Elements = append(d.out.Elements, e)
		from = end
	}
	if len(d.out.Elements) > named {
		d.place()
	}
}

// unplaced is the depth of an element that hasn't found its template.
const unplaced = -1

// place brings the elements into the order of their bytes, and puts those that have no place yet
// into the templates that hold them.
func (d *reading) place() {
	slices.SortStableFunc(d.out.Elements, func(a, b Element) int { return a.Start - b.Start })
	var open []Element // the templates that the element at hand may lie in
	for n := range d.out.Elements {
		e := &d.out.Elements[n]
		for len(open) > 0 {
			last := open[len(open)-1]
			if e.Start < last.Offset+last.Length {
				break
			}
			open = open[:len(open)-1]
		}
		if e.Depth == unplaced {
			e.Depth = 0
			if len(open) > 0 {
				e.Depth = open[len(open)-1].Depth + 1
			}
		}
		if e.Template {
			open = append(open, *e)
		}
	}
}

// hide takes the bytes of a secret value away, unless they stand for others, and reports whether it
// has.
func (d *reading) hide(f decode.Field) bool {
	if !sensitive(f.Secrecy) {
		return false
	}
	hidden := false
	for i := f.Off; i < f.Off+f.Len; i++ {
		if p := d.partAt(i); p == nil || p.Mark == MarkVarying {
			d.shown[i], hidden = false, true
		}
	}
	return hidden
}

// hex writes the digits.
func (d *reading) hex() {
	const digits = "0123456789ABCDEF"
	text := make([]byte, 0, 2*len(d.raw))
	for i, b := range d.raw {
		if d.shown[i] {
			text = append(text, digits[b>>4], digits[b&0x0F])
		} else {
			text = append(text, "??"...)
		}
	}
	d.out.Hex = string(text)
}
