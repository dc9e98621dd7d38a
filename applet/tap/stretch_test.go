package tap_test

import (
	"testing"

	"tapbench/applet/decode"
	"tapbench/applet/tap"
)

func TestStretch(t *testing.T) {
	const (
		sel, own, gpo = decode.Selection, decode.Cards, decode.Initiation
		rec, gac      = decode.Reading, decode.Authorisation
	)
	for _, row := range []struct {
		name   string
		phases []decode.Phase
		ends   bool // before a selection
		is     bool
	}{
		{"nothing", nil, false, false},
		{"a selection", []decode.Phase{sel, sel}, false, false},
		{"a wallet", []decode.Phase{sel, own}, true, false},
		{"commands of nobody", []decode.Phase{decode.Other}, true, false},
		{"refused at once", []decode.Phase{sel, gpo}, true, true},
		{"a tap", []decode.Phase{sel, sel, gpo, rec, gac}, true, true},
		{"records alone", []decode.Phase{rec}, true, true},
	} {
		var s tap.Stretch
		for n, p := range row.phases {
			if s.EndsBefore(p) {
				t.Errorf("%s: it ends before command %d", row.name, n)
			}
			s.Add(p)
		}
		if s.EndsBefore(decode.Selection) != row.ends || s.IsTap() != row.is {
			t.Errorf("%s: ends %v, is a tap: %v", row.name, !row.ends, s.IsTap())
		}
		if s.EndsBefore(decode.Reading) {
			t.Errorf("%s: a record begins a stretch", row.name)
		}
	}
}
