package explain

import (
	"fmt"
	"strconv"

	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// risk is the terminal risk management: floor limit, random selection, velocity.
func risk(o *outcome.Outcome) Phase {
	p := Phase{Name: "risk", Title: "Terminal risk management", Clause: clause.Book3 + "10.6"}
	t := o.Trail.Risk
	p.State = stateOf(t != nil, o.Trail.Action != nil || o.First != nil)
	if t == nil {
		return p
	}
	p.add(floor(o))
	if !o.TVR.Has(rules.AboveFloor) {
		p.add(randomSelection(o))
	}
	p.add(velocity(o)...)
	return p
}

func floor(o *outcome.Outcome) Fact {
	t := o.Trail.Risk
	text := "the amount is " + Amount(t.Sums.Amount, o.Currency)
	if t.Sums.Before > 0 {
		text += ", with " + Amount(t.Sums.Before, o.Currency) + " before it of the same card"
	}
	return Fact{
		Name: "floor limit", Value: Amount(t.Limits.Floor, o.Currency), Text: text,
		Clause: clause.Book3 + "10.6.1", Against: o.TVR.Has(rules.AboveFloor),
	}
}

func randomSelection(o *outcome.Outcome) Fact {
	t := o.Trail.Risk
	f := Fact{
		Name: "random selection", Clause: clause.Book3 + "10.6.2", Against: o.TVR.Has(rules.RandomlyOnline),
		Value: fmt.Sprintf("%d%% to %d%%", t.Limits.Percent, t.Limits.Most),
		Text:  fmt.Sprintf("%d was drawn of 1 to 99: not selected", t.Random),
	}
	if f.Against {
		f.Text = fmt.Sprintf("%d was drawn of 1 to 99: selected", t.Random)
	}
	return f
}

func velocity(o *outcome.Outcome) []Fact {
	h := o.Trail.Risk.History
	const where = clause.Book3 + "10.6.3"
	if h.Lower == nil || h.Upper == nil {
		return []Fact{{
			Name: "velocity", Text: "the card has no limits, so nothing is checked", Clause: where,
		}}
	}
	counters := fmt.Sprintf("ATC %s, last online ATC %s", counter(h.Counter), counter(h.LastOnline))
	facts := []Fact{{
		Name: "lower limit", Value: strconv.Itoa(int(*h.Lower)), Text: counters, Clause: where,
		Against: o.TVR.Has(rules.LowerLimit),
	}, {
		Name: "upper limit", Value: strconv.Itoa(int(*h.Upper)), Text: counters, Clause: where,
		Against: o.TVR.Has(rules.UpperLimit),
	}}
	if o.TVR.Has(rules.NewCard) {
		facts = append(facts, Fact{
			Name: "new card", Text: "it was never online", Clause: where, Against: true,
		})
	}
	return facts
}

func counter(n *uint16) string {
	if n == nil {
		return "not answered"
	}
	return strconv.Itoa(int(*n))
}
