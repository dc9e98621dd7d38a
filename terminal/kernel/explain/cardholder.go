package explain

import (
	"fmt"
	"strings"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// cardholder is the walk through the CVM list.
func cardholder(o *outcome.Outcome) Phase {
	p := Phase{Name: "cardholder", Title: "Cardholder verification", Clause: clause.Book3 + "10.5"}
	t := o.Trail.Cardholder
	p.State = stateOf(t != nil, o.Trail.Action != nil || o.First != nil)
	if t == nil {
		if p.State == Skipped && o.AIP[0]&emv.AIPCardholder == 0 {
			p.add(Fact{Name: "AIP", Text: "the card doesn't support it", Clause: clause.Book3 + "annex C1"})
		}
		return p
	}
	if t.List == nil {
		p.add(Fact{
			Name: "CVM list", Text: "the card has none", Clause: clause.Book3 + "7.5", Against: true,
		})
	} else {
		p.add(limits(o)...)
	}
	for i, step := range t.Steps {
		p.add(ruleFact(i+1, step))
	}
	p.add(Fact{
		Name: "CVM results", Value: hexOf(o.CVM[:]), Text: decode.Words(emv.TagCVMResults, o.CVM[:]),
		Clause: "EMV 4.3 Book 4, 6.3.4.5", Against: o.TVR.Has(rules.NotVerified),
	})
	return p
}

// limits are X and Y, where a rule looks at them.
func limits(o *outcome.Outcome) []Fact {
	t := o.Trail.Cardholder
	if t.List.X == 0 && t.List.Y == 0 {
		return nil
	}
	f := Fact{
		Name: "X and Y", Value: fmt.Sprintf("%d and %d minor units", t.List.X, t.List.Y),
		Text:   "the transaction isn't in the card's currency, so they mean nothing",
		Clause: clause.Book3 + "annex C3",
	}
	if t.Purchase.InCardCurrency {
		f.Value = Amount(uint64(t.List.X), o.Currency) + " and " +
			Amount(uint64(t.List.Y), o.Currency)
		f.Text = "the amount is " + Amount(t.Purchase.Amount, o.Currency)
	}
	return []Fact{f}
}

// ruleFact is one rule and what came of it.
func ruleFact(number int, s rules.CVMStep) Fact {
	code := []byte{s.Rule.Code, s.Rule.Condition, s.Result}
	words := map[int]string{}
	for _, b := range decode.Bits(emv.TagCVMResults, code) {
		if b.Set {
			words[b.Byte] += " " + b.Text
		}
	}
	text := strings.TrimPrefix(strings.ReplaceAll(words[1],
		"apply the next rule if this one fails ", ""), " ") + "," + words[2]
	f := Fact{
		Name:  fmt.Sprintf("rule %d", number),
		Value: fmt.Sprintf("%02X%02X", s.Rule.Code, s.Rule.Condition),
		Bits:  tvrBits(s.Set),
	}
	switch {
	case !s.Holds:
		text += ": doesn't apply"
	case !s.Tried:
		text += ": the terminal doesn't have it"
	default:
		text += ":" + words[3]
	}
	failed := s.Holds && (!s.Tried || s.Result == 1)
	if failed && s.Rule.OrNext() {
		text += ", so the next rule"
	}
	f.Text = text
	return f
}
