package explain

import (
	"errors"
	"fmt"

	"tapbench/applet/emv/oda"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// authentication is the offline data authentication: keys, certificates and what came of them.
func authentication(o *outcome.Outcome) Phase {
	p := Phase{
		Name: "authentication", Title: "Offline data authentication",
		Clause: clause.Book3 + "10.3",
	}
	a := &o.Authentication
	p.State = stateOf(authenticated(o), readOn(o))
	if p.State != Done {
		if p.State == Skipped {
			p.add(Fact{Name: "method", Text: "none that card and terminal both have"})
			p.add(bitFact(o.TVR, rules.NoAuthentication)...)
		}
		return p
	}
	p.add(Fact{Name: "method", Value: methodName(a.Method), Text: methodText(a.Method)})
	if a.Method != outcome.NoMethod {
		p.add(caKey(o))
	}
	if a.Issuer != nil {
		p.add(issuerCertificate(a.Issuer))
	}
	if a.Card != nil {
		p.add(cardCertificate(a.Card))
	}
	if a.Err == nil && !o.TSI.Has(rules.DidAuthentication) {
		p.add(Fact{
			Name: "result", Text: "the certificates are right; the card has signed nothing, so nothing " +
				"is proven", Clause: clause.Book2 + "6.6",
		})
		return p
	}
	p.add(authenticationResult(a))
	return p
}

func authenticationResult(a *outcome.Authentication) Fact {
	if a.Err == nil {
		return Fact{Name: "result", Text: "the card is authentic"}
	}
	text := a.Err.Error()
	if refused := new(oda.Error); errors.As(a.Err, &refused) {
		text = refused.Object + ": " + refused.Err.Error()
	}
	return Fact{
		Name: "result", Text: "failed: " + text, Clause: clauseOf(a.Err, ""), Against: true,
	}
}

// caKey names the authority's key by RID and index.
func caKey(o *outcome.Outcome) Fact {
	a := &o.Authentication
	rid := o.Selected.AID[:min(oda.RIDLen, len(o.Selected.AID))]
	f := Fact{
		Name: "CA key", Value: fmt.Sprintf("%X %02X", rid, a.CAIndex),
		Clause: clause.Book2 + "11.2",
	}
	if a.CAKey == nil {
		f.Text, f.Against = "the terminal doesn't know it", true
		return f
	}
	f.Text = keyText(a.CAKey.Key) + ", until " + dateText(a.CAKey.Expiry)
	return f
}

func issuerCertificate(c *oda.IssuerCertificate) Fact {
	return Fact{
		Name: "issuer certificate", Value: hexOf(c.Serial[:]),
		Text: fmt.Sprintf("for account numbers %s, until the end of %s; %s",
			trimF(c.Identifier[:]), monthText(c.Expiry), keyText(c.Key)),
		Clause: clause.Book2 + "5.3 and 6.3",
	}
}

func cardCertificate(c *oda.CardCertificate) Fact {
	return Fact{
		Name: "card certificate", Value: hexOf(c.Serial[:]),
		Text:   fmt.Sprintf("until the end of %s; %s", monthText(c.Expiry), keyText(c.Key)),
		Clause: clause.Book2 + "6.4",
	}
}

// trimF returns the digits before the padding.
func trimF(b []byte) string {
	text := hexOf(b)
	for len(text) > 0 && text[len(text)-1] == 'F' {
		text = text[:len(text)-1]
	}
	return text
}

func methodName(m outcome.Method) string {
	switch m {
	case outcome.SDA:
		return "SDA"
	case outcome.DDA:
		return "DDA"
	case outcome.CDA:
		return "CDA"
	case outcome.FastDDA:
		return "fDDA"
	case outcome.NoMethod:
		return "none"
	default:
		return "none"
	}
}

func methodText(m outcome.Method) string {
	switch m {
	case outcome.SDA:
		return "the issuer's signature over static data"
	case outcome.DDA:
		return "a signature of the card over the terminal's number"
	case outcome.CDA:
		return "a signature of the card over the cryptogram and the transaction's data"
	case outcome.FastDDA:
		return "a signature of the card with its processing options"
	case outcome.NoMethod:
		return ""
	default:
		return ""
	}
}

// authenticated says whether an offline data authentication was begun.
func authenticated(o *outcome.Outcome) bool {
	return o.Authentication.Method != outcome.NoMethod || o.Authentication.Err != nil
}

// readOn says whether the transaction got beyond the card's records.
func readOn(o *outcome.Outcome) bool {
	t := &o.Trail
	return t.Restrictions != nil || t.Cardholder != nil || t.Risk != nil || t.Action != nil ||
		o.First != nil
}

// stateOf is the state of a phase that was carried out, or that was skipped if what follows it was.
func stateOf(carriedOut, beyond bool) State {
	switch {
	case carriedOut:
		return Done
	case beyond:
		return Skipped
	default:
		return NotReached
	}
}

// bitFact is a bit of the TVR as a fact against the card, if it is set.
func bitFact(t rules.TVR, which ...rules.TVRBit) []Fact {
	var only rules.TVR
	for _, b := range which {
		if t.Has(b) {
			only.Set(b)
		}
	}
	if only == (rules.TVR{}) {
		return nil
	}
	return []Fact{{Name: "TVR", Value: only.String(), Bits: tvrBits(only), Against: true}}
}
