package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general/outcome"
)

//go:embed emv.html
var emvText string

// EMV is the page about one EMV payment: the phases from left to right, and below what each of them
// saw and decided, by which clause.
type EMV struct {
	Version     string
	Explanation explain.Explanation
}

// emvView is what the template is given.
type emvView struct {
	Version, Title, Policy, Mood, Error string
	Style                               template.CSS
	Reason                              *outcome.Reason
	Facts                               []Fact
	Phases                              []emvPhase
	Notes                               []outcome.Reason
}

// emvPhase is a phase with its address and its colour.
type emvPhase struct {
	explain.Phase
	ID, Mood string
}

// Write writes the page. It needs no network and runs no script.
func (p *EMV) Write(w io.Writer) error {
	t, err := template.New("emv").Parse(emvText)
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	return t.Execute(w, p.view())
}

func (p *EMV) view() *emvView {
	e := &p.Explanation
	v := &emvView{
		Version: p.Version, Title: strings.ToUpper(e.Result[:1]) + e.Result[1:], Policy: policy(),
		//nolint:gosec // it is the program's own, and nothing is put into it
		Style: template.CSS(styleText), Mood: "bad", Error: e.Error, Reason: e.Reason, Notes: e.Notes,
	}
	if e.Result == "approved" {
		v.Mood = "good"
	}
	for _, f := range []Fact{
		{"amount", e.Amount},
		{"card", e.PAN},
		{"application", e.AID + " " + e.Label},
		{"time", e.Time.Format(time.DateTime)},
		{"TVR", e.TVR},
		{"TSI", e.TSI},
		{"instead", e.Fallback},
	} {
		if strings.TrimSpace(f.Value) != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	for _, phase := range e.Phases {
		v.Phases = append(v.Phases, emvPhase{
			phase, strings.ReplaceAll(phase.Name, " ", "-"), moodOf(phase.State),
		})
	}
	return v
}

// moodOf is a state as a colour.
func moodOf(s explain.State) string {
	switch s {
	case explain.Done:
		return "good"
	case explain.Objected:
		return "odd"
	case explain.EndedHere:
		return "bad"
	case explain.Skipped, explain.NotReached:
		return "idle"
	default:
		return "idle"
	}
}
