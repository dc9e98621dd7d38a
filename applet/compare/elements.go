package compare

import (
	"bytes"
	"strconv"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// pair compares two entries that met.
func pair(dst []Element, a, b *entry) []Element {
	if a.equal(b) {
		return dst
	}
	dst = sides(dst, InCommand, &a.command, &b.command)
	dst = sides(dst, InAnswer, &a.answer, &b.answer)
	if a.Failure != b.Failure {
		dst = append(dst, event("failure", string(a.Failure), string(b.Failure)))
	}
	if a.write != b.write {
		dst = append(dst, event("persistent write", number(a.write), number(b.write)))
	}
	return dst
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// event is a difference that isn't one of bytes.
func event(name, a, b string) Element {
	e := Element{Place: InEvent, Verdict: Differs, Name: name, A: []byte(a), B: []byte(b)}
	switch {
	case b == "":
		e.Verdict, e.B = Missing, nil
	case a == "":
		e.Verdict, e.A = Added, nil
	}
	e.Field = decode.Field{Name: name, Format: decode.Alphanumeric, Secrecy: decode.Clear}
	return e
}

// reach is how far the comparison looks ahead for a data element that is missing on one side.
const reach = 64

// sides compares two commands or answers, element by element.
func sides(dst []Element, place Place, a, b *side) []Element {
	first := len(dst)
	i, j := 0, 0
	for i < len(a.fields) || j < len(b.fields) {
		switch skipA, skipB := meet(a.fields[i:], b.fields[j:]); {
		case skipA > 0:
			for range skipA {
				dst = alone(dst, place, Missing, a, a.fields[i])
				i++
			}
		case skipB > 0:
			for range skipB {
				dst = alone(dst, place, Added, b, b.fields[j])
				j++
			}
		default:
			dst = values(dst, place, a, b, a.fields[i], b.fields[j])
			i, j = i+1, j+1
		}
	}
	return withoutEcho(dst, first)
}

// meet returns how many fields of a, or of b, come before both go on with the same element.
func meet(a, b []decode.Field) (skipA, skipB int) {
	switch {
	case len(b) == 0:
		return len(a), 0
	case len(a) == 0:
		return 0, len(b)
	}
	for n := range reach {
		if n < len(b) && alike(a[0], b[n]) {
			return 0, n
		}
		if n < len(a) && alike(a[n], b[0]) {
			return n, 0
		}
	}
	return 1, 0
}

// alike reports whether two fields are the same data element.
func alike(a, b decode.Field) bool {
	return a.Tag == b.Tag && a.Depth == b.Depth && a.Name == b.Name && a.Template == b.Template
}

// alone appends an element that one side alone has. What lies in a template is told with it.
func alone(dst []Element, place Place, verdict Verdict, s *side, f decode.Field) []Element {
	e := Element{Place: place, Verdict: verdict, Tag: f.Tag, Name: f.Name, Field: f}
	value, kept := s.value(f)
	e.StandIn = s.all(f, trace.StandIn)
	if verdict == Missing {
		e.AOff = f.Off
	} else {
		e.BOff = f.Off
	}
	switch {
	case !kept || f.Template:
	case verdict == Missing:
		e.A = value
	default:
		e.B = value
	}
	return append(dst, e)
}

// value returns the bytes of a field, and whether all of them were kept.
func (s *side) value(f decode.Field) ([]byte, bool) {
	for n := s.from(f.Off); n < len(s.marked) && s.marked[n].off < f.Off+f.Len; n++ {
		if s.marked[n].mark == trace.Absent {
			return nil, false
		}
	}
	return s.bytes[f.Off : f.Off+f.Len], true
}

// all reports whether each byte of the field has the mark.
func (s *side) all(f decode.Field, mark trace.Mark) bool {
	for at := f.Off; at < f.Off+f.Len; at++ {
		if m, _ := s.mark(at); m != mark {
			return false
		}
	}
	return f.Len > 0
}

// values compares two values of the same element.
func values(dst []Element, place Place, a, b *side, f, g decode.Field) []Element {
	if f.Template {
		return dst
	}
	va, keptA := a.value(f)
	vb, keptB := b.value(g)
	if keptA && keptB && bytes.Equal(va, vb) {
		return dst
	}
	e := Element{
		Place: place, Tag: f.Tag, Name: f.Name, Field: f, AOff: f.Off, BOff: g.Off, A: va, B: vb,
		StandIn: a.all(f, trace.StandIn) && b.all(g, trace.StandIn),
	}
	e.Verdict, e.Why = judge(a, b, f, g)
	return append(dst, e)
}

// judge says whether two values that aren't equal differ.
func judge(a, b *side, f, g decode.Field) (Verdict, string) {
	if f.Variation != decode.Constant && (f.Len == g.Len || f.Variation == decode.Signature) {
		return Varies, f.Variation.Label()
	}
	if f.Len != g.Len {
		return Differs, ""
	}
	verdict, why := NotKept, ""
	for n := range f.Len {
		v, label := a.judgeByte(b, f.Off+n, g.Off+n)
		switch {
		case v == Differs:
			return Differs, ""
		case v == Varies, v == NotKept && verdict == NotKept:
			verdict, why = v, label
		}
	}
	return verdict, why
}

// judgeByte compares byte i of s with byte j of o, and returns 0 if they are equal.
func (s *side) judgeByte(o *side, i, j int) (Verdict, string) {
	mark, label := s.mark(i)
	other, otherLabel := o.mark(j)
	if mark == trace.Plain || mark == trace.Absent && other == trace.StandIn {
		label = otherLabel
	}
	switch {
	case mark == trace.Absent || other == trace.Absent:
		return NotKept, label
	case s.bytes[i] == o.bytes[j]:
		return 0, ""
	case mark == trace.Plain && other == trace.Plain:
		return Differs, ""
	case mark == trace.StandIn || other == trace.StandIn:
		return Varies, "stand-in " + label
	default:
		return Varies, label
	}
}

// withoutEcho drops an Lc that differs because the data behind it does, from first on.
func withoutEcho(elements []Element, first int) []Element {
	others := false
	for _, e := range elements[first:] {
		others = others || !e.echo()
	}
	if !others {
		return elements
	}
	kept := elements[:first]
	for _, e := range elements[first:] {
		if !e.echo() {
			kept = append(kept, e)
		}
	}
	return kept
}

// echo reports whether the element says how long others are.
func (e Element) echo() bool { return e.Tag == 0 && e.Name == "Lc" && e.Verdict == Differs }
