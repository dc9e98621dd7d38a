package report

import (
	"fmt"
	"slices"
	"strings"

	"tapbench/cmd/tapbench/internal/show"
)

// side is a command or an answer: its elements, and its bytes in runs.
type side struct {
	Name     string
	Length   int
	Elements []element
	Runs     []run
}

// element is a data element as the template shows it.
type element struct {
	show.Element
	End   int
	Level int // of indentation, 0 to maxLevel
	Value string
	More  string // how much of the value isn't shown
	Mark  string
	// Varies says that the mark is decode's and not the trace's.
	Varies bool
	// Unset are bits that are shown on demand.
	Unset []show.Bit
}

// run is a stretch of bytes that belong to the same elements and have the same mark.
type run struct {
	At    int
	Text  string
	Owner int // the number of the innermost element
	Mark  string
	Kind  string // tag, value, or a role
}

const (
	maxLevel   = 8
	valueBytes = 64 // bytes of a value beside its name; all of them stand among the bytes
)

func sides(i *show.Item) []side {
	all := []side{newSide("command", i.Command)}
	if i.Answer != nil {
		all = append(all, newSide("answer", i.Answer))
	}
	return all
}

func newSide(name string, m *show.Message) side {
	s := side{Name: name, Length: m.Length}
	for n := range m.Elements {
		e := &m.Elements[n]
		s.Elements = append(s.Elements, newElement(m, e))
	}
	s.Runs = runs(m)
	return s
}

func newElement(m *show.Message, e *show.Element) element {
	out := element{
		Element: *e, End: e.Offset + e.Length, Level: min(e.Depth, maxLevel),
		Mark: strings.Trim(e.MarkText(), "(){}[]"),
	}
	if e.Mark == "" && e.Variation != "" {
		out.Mark, out.Varies = "varies: "+e.Variation, true
	}
	if len(e.Bits) > 0 {
		out.Text = "" // the bits say it, one by one
		out.Bits, out.Unset = split(e.Bits)
	}
	switch {
	case e.Template:
	case e.Mark == show.MarkAbsent:
		out.Value = fmt.Sprintf("%d bytes, not kept", e.Length)
	case e.Length == 0:
		out.Value = "empty"
	default:
		out.Value = spaced(m.Bytes(e.Offset, min(e.Length, valueBytes)))
		if e.Length > valueBytes {
			out.More = fmt.Sprintf("… %d bytes in all", e.Length)
		}
	}
	return out
}

// fewBits is how many bits are all shown, set or not.
const fewBits = 10

// split takes apart what is shown of the bits at once, and what on demand.
func split(bits []show.Bit) (first, more []show.Bit) {
	if len(bits) <= fewBits {
		return bits, nil
	}
	for _, b := range bits {
		if b.Set {
			first = append(first, b)
		} else {
			more = append(more, b)
		}
	}
	return first, more
}

// runs cuts a message where elements and marks begin and end.
func runs(m *show.Message) []run {
	cuts := []int{0, m.Length}
	for _, e := range m.Elements {
		cuts = append(cuts, e.Start, e.Offset, e.Offset+e.Length)
	}
	for _, p := range m.Parts {
		cuts = append(cuts, p.Offset, p.Offset+p.Length)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var all []run
	part := 0
	for n := range len(cuts) - 1 {
		at, end := cuts[n], cuts[n+1]
		r := run{At: at, Text: spaced(m.Bytes(at, end-at)), Owner: -1}
		for part < len(m.Parts) && m.Parts[part].Offset+m.Parts[part].Length <= at {
			part++
		}
		if part < len(m.Parts) && m.Parts[part].Offset <= at {
			r.Mark = m.Parts[part].Mark
		}
		r.own(m, at)
		all = append(all, r)
	}
	return all
}

// own finds the innermost element that a byte belongs to, the last one that holds it.
func (r *run) own(m *show.Message, at int) {
	next, _ := slices.BinarySearchFunc(m.Elements, at+1, func(e show.Element, at int) int {
		return e.Start - at
	})
	for n := next - 1; n >= 0; n-- {
		e := m.Elements[n]
		if at >= e.Offset+e.Length {
			continue
		}
		r.Owner, r.Kind = n, "value"
		switch {
		case e.Role != "":
			r.Kind = string(e.Role)
		case at < e.Offset:
			r.Kind = "tag"
		}
		return
	}
}

// spaced puts a space between bytes, and turns what isn't shown into dots.
func spaced(digits string) string {
	text := make([]byte, 0, len(digits)*3/2)
	for at := 0; at+2 <= len(digits); at += 2 {
		if at > 0 {
			text = append(text, ' ')
		}
		text = append(text, digits[at:at+2]...)
	}
	return string(text)
}
