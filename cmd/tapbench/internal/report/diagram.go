package report

import (
	"fmt"
	"slices"
)

// diagram is who sent what to whom, in units of the drawing.
type diagram struct {
	Wide, Height int
	NoteX        int // where the notes end
	Roles        []lifeline
	Bands        []band
	Arrows       []arrow
}

type lifeline struct {
	X    int
	Name string
}

// band is a part of the demo behind its arrows.
type band struct {
	Y, Height, TitleY int
	Title             string
}

type arrow struct {
	X1, X2, Y      int
	Head           string // its path
	Label          string
	LabelX, LabelY int
	Note           string
	NoteY          int
	Title          string
	Alone          bool // from a role to itself
}

// The drawing's measures.
const (
	roleGap    = 156
	roleTop    = 44
	arrowGap   = 34
	bandTitle  = 34
	bandBottom = 10
	bandGap    = 8
	notes      = 230
)

// roleOrder puts neighbours side by side; roles that it doesn't know come behind.
func roleOrder() []string {
	return []string{"CA", "bank", "TPM", "wallet", "SE", "POS", "TSM"}
}

// newDiagram draws the parts, or returns nil if there are none.
func newDiagram(parts []Part) *diagram {
	roles := rolesOf(parts)
	if len(roles) == 0 {
		return nil
	}
	wide := roleGap*len(roles) + notes
	d := &diagram{Wide: wide, NoteX: wide - 16}
	at := make(map[string]int, len(roles))
	for i, name := range roles {
		at[name] = roleGap/2 + roleGap*i
		d.Roles = append(d.Roles, lifeline{X: at[name], Name: name})
	}
	y := roleTop
	for _, p := range parts {
		top := y
		y += bandTitle
		for _, s := range fold(p.Steps) {
			y += arrowGap
			d.Arrows = append(d.Arrows, newArrow(s, at[s.From], at[s.To], y-8))
		}
		y += bandBottom
		d.Bands = append(d.Bands, band{Y: top, Height: y - top, TitleY: top + 22, Title: p.Title})
		y += bandGap
	}
	d.Height = y + 8
	return d
}

func rolesOf(parts []Part) []string {
	var seen []string
	for _, p := range parts {
		for _, s := range p.Steps {
			for _, name := range []string{s.From, s.To} {
				if !slices.Contains(seen, name) {
					seen = append(seen, name)
				}
			}
		}
	}
	rank := func(name string) int {
		if i := slices.Index(roleOrder(), name); i >= 0 {
			return i
		}
		return len(roleOrder())
	}
	slices.SortStableFunc(seen, func(a, b string) int { return rank(a) - rank(b) })
	return seen
}

// times is a step that came several times in a row.
type times struct {
	Step
	n int
}

// fold draws together what repeats: a step, or a pair of them, three times or more in a row.
func fold(steps []Step) []times {
	var out []times
	for at := 0; at < len(steps); {
		period, n := repeats(steps[at:])
		for i := range period {
			s := times{Step: steps[at+i], n: n}
			for k := 1; k < n; k++ {
				again := steps[at+k*period+i]
				s.Bytes += again.Bytes
				s.APDUs += again.APDUs
				s.MS += again.MS
			}
			out = append(out, s)
		}
		at += period * n
	}
	return out
}

// repeats returns how many steps at the beginning come again, and how often they come.
func repeats(steps []Step) (period, n int) {
	same := func(a, b Step) bool { return a.Name == b.Name && a.From == b.From && a.To == b.To }
	for period = 1; period <= 2; period++ {
		n = 1
		for (n+1)*period <= len(steps) {
			again := true
			for i := range period {
				again = again && same(steps[i], steps[n*period+i])
			}
			if !again {
				break
			}
			n++
		}
		if n >= 3 {
			return period, n
		}
	}
	return 1, 1
}

// arrowHead returns the path of the triangle at the end of an arrow.
func arrowHead(from, to, y int) string {
	back := -8
	if to < from {
		back = 8
	}
	return fmt.Sprintf("M%d %d l%d -4 v8 z", to, y, back)
}

func newArrow(s times, from, to, y int) arrow {
	a := arrow{
		X1: from, X2: to, Y: y, Head: arrowHead(from, to, y),
		Label: s.Name, LabelX: (from + to) / 2, LabelY: y - 6, NoteY: y + 4,
	}
	if s.n > 1 {
		a.Label += fmt.Sprintf(" × %d", s.n)
	}
	a.Note = fmt.Sprintf("%d bytes", s.Bytes)
	switch {
	case s.APDUs == 1:
		a.Note += " · 1 APDU"
	case s.APDUs > 1:
		a.Note += fmt.Sprintf(" · %d APDUs", s.APDUs)
	}
	a.Note += fmt.Sprintf(" · %.2f ms", s.MS)
	if a.Alone = from == to; a.Alone {
		a.X1, a.X2, a.LabelY = from-8, from+8, y+4
		a.LabelX, a.Head = from+16, fmt.Sprintf("M%d %d l8 8 l-8 8 l-8 -8 z", from, y-8)
	}
	a.Title = fmt.Sprintf("%s: %s to %s, %s", a.Label, s.From, s.To, a.Note)
	return a
}
