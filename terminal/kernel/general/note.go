package general

import (
	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// note keeps what was remarkable.
func (t *transaction) note(where, text string) {
	t.out.Notes = append(t.out.Notes, outcome.Reason{Text: text, Clause: where})
}

// mark sets a bit of the TVR and keeps why.
func (t *transaction) mark(bit rules.TVRBit, where, text string) {
	t.out.TVR.Set(bit)
	t.note(where, text)
}

// join sets what a rule has found in the TVR, and keeps each bit in the book's own words.
func (t *transaction) join(tvr rules.TVR, where string) {
	if tvr == (rules.TVR{}) {
		return
	}
	t.out.TVR.Join(tvr)
	for _, bit := range decode.SetBits(emv.TagTVR, tvr[:]) {
		t.note(where, bit.Text)
	}
}
