package explain

import (
	"fmt"

	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// action is the terminal action analysis: which bits of the TVR met which code.
func action(o *outcome.Outcome) Phase {
	p := Phase{Name: "action", Title: "Terminal action analysis", Clause: clause.Book3 + "10.7"}
	t := o.Trail.Action
	p.State = stateOf(t != nil, o.First != nil)
	if t == nil {
		return p
	}
	denied := t.TVR.Meets(t.Card.Denial) || t.TVR.Meets(t.Terminal.Denial)
	p.add(
		Fact{Name: "TVR", Value: t.TVR.String(), Text: noneOf(t.TVR[:])},
		codeFact("denial", t.TVR, t.Card.Denial, t.Terminal.Denial, true),
		codeFact("online", t.TVR, t.Card.Online, t.Terminal.Online, !denied && t.Reach == rules.Either),
		codeFact("default", o.TVR, t.Card.Default, t.Terminal.Default,
			o.Unreachable || !denied && t.Reach == rules.OfflineOnly),
		Fact{Name: "terminal", Text: reachText(t.Reach)},
		Fact{
			Name: "asks for", Value: o.Decision.String(), Text: decisionText(o.Decision),
			Against: o.Decision == rules.Decline,
		},
	)
	return p
}

// codeFact compares a TVR with the card's and the terminal's code of one kind.
func codeFact(name string, t rules.TVR, card, terminal [5]byte, asked bool) Fact {
	f := Fact{
		Name: name, Value: fmt.Sprintf("card %X, terminal %X", card, terminal), Text: "not asked",
	}
	if !asked {
		return f
	}
	f.Text = "not met"
	var met rules.TVR
	for i := range t {
		met[i] = t[i] & (card[i] | terminal[i])
	}
	if met == (rules.TVR{}) {
		return f
	}
	f.Text, f.Against = "met", true
	f.Bits = tvrBits(met)
	for i := range f.Bits {
		b := &f.Bits[i]
		mask := byte(1) << (b.Bit - 1)
		byCard, byTerminal := card[b.Byte-1]&mask != 0, terminal[b.Byte-1]&mask != 0
		switch {
		case byCard && byTerminal:
			b.Text += " (card and terminal)"
		case byCard:
			b.Text += " (card)"
		default:
			b.Text += " (terminal)"
		}
	}
	return f
}

func reachText(r rules.Reach) string {
	switch r {
	case rules.OfflineOnly:
		return "offline only"
	case rules.OnlineOnly:
		return "online only"
	case rules.Either:
		return "offline, with a way online"
	default:
		return ""
	}
}

func decisionText(d rules.Decision) string {
	switch d {
	case rules.Decline:
		return "decline"
	case rules.Approve:
		return "approve"
	case rules.Online:
		return "ask the issuer"
	default:
		return ""
	}
}
