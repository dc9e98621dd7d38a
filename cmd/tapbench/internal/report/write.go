package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

//go:embed page.css
var styleText string

//go:embed page.js
var scriptText string

// view is what the template is given.
type view struct {
	*Page
	Policy  string
	Style   template.CSS
	Script  template.JS
	Figures []Fact
	Talks   []talk
	Diagram *diagram
	Matrix  *matrix
	Books   []book
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	return t.Execute(w, p.view())
}

func (p *Page) view() *view {
	v := &view{
		Page:   p,
		Policy: policy(),
		//nolint:gosec // these two are the program's own, and nothing is put into them
		Style: template.CSS(styleText), Script: template.JS(scriptText),
		Figures: p.figures(), Diagram: newDiagram(p.Parts), Matrix: newMatrix(p.Learned),
		Books: newBooks(p.Balances),
	}
	number := 0
	for i, d := range p.Dialogues {
		v.Talks = append(v.Talks, newTalk(d, i+1, &number))
	}
	return v
}

// policy allows the page's own style and script, by their digests, and nothing else.
func policy() string {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + digest(styleText) +
		"; script-src " + digest(scriptText) + "; base-uri 'none'; form-action 'none'"
}

// figures returns the sums over all dialogues.
func (p *Page) figures() []Fact {
	var exchanges int
	var sent, received, took int64
	for _, d := range p.Dialogues {
		exchanges += d.Totals.Exchanges
		sent += d.Totals.Sent
		received += d.Totals.Received
		took += d.Totals.TookUS
	}
	if exchanges == 0 {
		return nil
	}
	figures := []Fact{
		{"exchanges", fmt.Sprint(exchanges)},
		{"bytes to the card", fmt.Sprint(sent)},
		{"bytes from it", fmt.Sprint(received)},
	}
	if took > 0 {
		figures = append(figures, Fact{"time", milliseconds(took)})
	}
	return figures
}

// milliseconds writes microseconds.
func milliseconds(us int64) string {
	if us == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f ms", float64(us)/1000)
}
