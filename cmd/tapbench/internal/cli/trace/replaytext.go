package trace

import (
	"fmt"
	"io"
	"strings"

	"tapbench/applet/compare"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/junit"
	"tapbench/terminal/replay"
)

// replayed is what a replay found.
type replayed struct {
	Trace   string         `json:"trace"`
	Against string         `json:"against"` // card or terminal
	Agree   bool           `json:"agree"`
	Parts   []replayedPart `json:"parts"`
	// Outside counts the exchanges that belong to no tap, for a terminal.
	Outside int `json:"outside"`
}

// replayedPart is a tap, or for a card the whole dialogue.
type replayedPart struct {
	Line       int                 `json:"line"`
	Exchanges  int                 `json:"exchanges"`
	Result     string              `json:"result,omitempty"`
	Reason     string              `json:"reason,omitempty"`
	Difference *replayedDifference `json:"difference,omitempty"`
	StandIns   []replayedStandIn   `json:"stand_ins,omitempty"`
}

type replayedDifference struct {
	Line     int           `json:"line"`
	Name     string        `json:"name,omitempty"`
	Header   string        `json:"header,omitempty"`
	What     string        `json:"what"`
	Elements []diffElement `json:"elements,omitempty"`

	elements []compare.Element
}

func newReplayedDifference(d *replay.Difference) *replayedDifference {
	if d == nil {
		return nil
	}
	r := &replayedDifference{Line: d.Line, Name: d.Name, What: d.What, elements: d.Elements}
	if d.Name != "" {
		r.Header = fmt.Sprintf("%X", d.Header[:])
	}
	for n := range d.Elements {
		r.Elements = append(r.Elements, newDiffElement(&d.Elements[n]))
	}
	return r
}

type replayedStandIn struct {
	Line   int    `json:"line"`
	Byte   int    `json:"byte"`
	Answer bool   `json:"answer"`
	Label  string `json:"label"`
}

func newReplayedStandIns(list []replay.StandIn) []replayedStandIn {
	var r []replayedStandIn
	for _, s := range list {
		r = append(r, replayedStandIn(s))
	}
	return r
}

// text writes the result for people.
func (r *replayed) text(w io.Writer, colour bool) {
	t := &diffText{w: w, colour: colour, all: true}
	for _, p := range r.Parts {
		p.text(t, r.Against)
	}
	if r.Outside > 0 {
		t.line("", "left out, since outside of taps: %s", shell.Count(r.Outside, "exchange"))
	}
	switch {
	case r.Agree && r.Against == "card":
		t.line(diffGreen, "the card still answers so: %s", r.size())
	case r.Agree:
		t.line(diffGreen, "the terminal still asks so: %s", r.size())
	case r.Against == "card":
		t.line(diffRed, "the card answers otherwise")
	default:
		t.line(diffRed, "the terminal asks otherwise in %d of %s", r.differing(), r.size())
	}
}

// size says how much was compared.
func (r *replayed) size() string {
	if r.Against == "card" {
		return shell.Count(r.Parts[0].Exchanges, "exchange")
	}
	return shell.Count(len(r.Parts), "tap")
}

func (r *replayed) differing() int {
	n := 0
	for _, p := range r.Parts {
		if p.Difference != nil {
			n++
		}
	}
	return n
}

// title names the part for people and for CI.
func (p *replayedPart) title(against string) string {
	if against == "card" {
		return "the card answers so"
	}
	return fmt.Sprintf("the tap at line %d", p.Line)
}

func (p *replayedPart) text(t *diffText, against string) {
	d := p.Difference
	switch {
	case d == nil && against == "card":
	case d == nil:
		t.line("", "%s: %s, %s", p.title(against), shell.Count(p.Exchanges, "exchange"), p.outcome())
		return
	default:
		t.line(diffCyan, "@@ line %d: %s", d.Line, d.title())
		t.line(diffBold, "   %s", d.What)
		for n := range d.elements {
			t.element(&d.elements[n])
		}
	}
	for _, s := range p.StandIns {
		t.line(diffYellow, "   %s", s.consequence())
	}
}

func (p *replayedPart) outcome() string {
	if p.Reason == "" {
		return p.Result
	}
	return p.Result + ": " + p.Reason
}

func (d *replayedDifference) title() string {
	if d.Name == "" {
		return "the trace goes another way"
	}
	return fmt.Sprintf("%s (%s)", d.Name, d.Header)
}

// consequence says what a stand-in means for what follows.
func (s replayedStandIn) consequence() string {
	side := "command"
	if s.Answer {
		side = "answer"
	}
	return fmt.Sprintf("line %d, byte %d of the %s: %s is a stand-in; no signature or cryptogram "+
		"over it can hold from there on", s.Line, s.Byte, side, s.Label)
}

// junit makes a suite of the trace, with a case for each part.
func (r *replayed) junit() *junit.Report {
	suite := junit.Suite{Name: r.Trace}
	for _, p := range r.Parts {
		c := junit.Case{Name: p.title(r.Against), File: r.Trace, Line: p.Line}
		if d := p.Difference; d != nil {
			c.Outcome, c.Message = junit.Failed, fmt.Sprintf("line %d: %s", d.Line, d.What)
			var text strings.Builder
			p.text(&diffText{w: &text, all: true}, r.Against)
			c.Text = text.String()
		}
		suite.Cases = append(suite.Cases, c)
	}
	return &junit.Report{Suites: []junit.Suite{suite}}
}
