package explain

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// restrictions are the processing restrictions: version, usage, dates.
func restrictions(o *outcome.Outcome) Phase {
	p := Phase{Name: "restrictions", Title: "Processing restrictions", Clause: clause.Book3 + "10.4"}
	t := o.Trail.Restrictions
	p.State = stateOf(t != nil, o.Trail.Action != nil || o.First != nil)
	if t == nil {
		return p
	}
	p.add(version(t, o.TVR), usage(t, o.TVR))
	if t.Card.Effective != nil {
		p.add(Fact{
			Name: "effective from", Value: dayText(*t.Card.Effective),
			Text: "today is " + dateText(t.Terminal.Date), Clause: clause.Book3 + "10.4.3",
			Against: o.TVR.Has(rules.NotYetEffective),
		})
	}
	p.add(Fact{
		Name: "expires", Value: dayText(t.Card.Expires),
		Text: "today is " + dateText(t.Terminal.Date), Clause: clause.Book3 + "10.4.3",
		Against: o.TVR.Has(rules.Expired),
	})
	return p
}

func version(t *outcome.RestrictionsTrail, tvr rules.TVR) Fact {
	f := Fact{
		Name: "version", Clause: clause.Book3 + "10.4.1", Against: tvr.Has(rules.OtherVersion),
		Text: "the card names none",
	}
	if t.Card.Version != nil {
		f.Value = hexOf(t.Card.Version[:])
		f.Text = fmt.Sprintf("the terminal has %X", t.Terminal.Version)
	}
	return f
}

func usage(t *outcome.RestrictionsTrail, tvr rules.TVR) Fact {
	f := Fact{
		Name: "usage control", Clause: clause.Book3 + "10.4.2", Against: tvr.Has(rules.NotAllowed),
		Text: "the card restricts nothing",
	}
	if t.Card.Usage == nil {
		return f
	}
	f.Value = hexOf(t.Card.Usage[:])
	f.Text = "asked for: " + serviceText(t)
	if f.Against {
		f.Bits = bitsOf(emv.TagUsageControl, t.Card.Usage[:], noClause)
	}
	return f
}

// serviceText says what the terminal is and wants, such as "goods, domestic (DE), with cashback".
func serviceText(t *outcome.RestrictionsTrail) string {
	text := "goods"
	switch t.Terminal.Service {
	case rules.Cash:
		text = "cash"
	case rules.NoService:
		text = "nothing that a card restricts"
	case rules.Goods:
	default:
	}
	country := countryText(t.Terminal.Country)
	switch {
	case t.Card.Country == nil:
		text += " in " + country + ", the issuer names no country"
	case *t.Card.Country == t.Terminal.Country:
		text += ", domestic in " + country
	default:
		text += ", international: in " + country + ", the issuer is in " + countryText(*t.Card.Country)
	}
	if t.Terminal.Cashback {
		text += ", with cashback"
	}
	if t.Terminal.ATM {
		text += ", at an ATM"
	}
	return text
}
