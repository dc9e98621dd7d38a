package explain

import (
	"fmt"
	"strconv"
	"strings"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// firstCryptogram is the card's answer to the first GENERATE AC.
func firstCryptogram(o *outcome.Outcome) Phase {
	p := Phase{Name: "first cryptogram", Title: "First cryptogram", Clause: clause.Book3 + "10.8"}
	p.State = stateOf(o.First != nil, false)
	p.cryptogram(o.First, o.Decision, o.Trail.Action != nil)
	return p
}

// secondCryptogram is the answer to the second one.
func secondCryptogram(o *outcome.Outcome) Phase {
	p := Phase{Name: "second cryptogram", Title: "Second cryptogram", Clause: clause.Book3 + "10.11"}
	p.State = stateOf(o.Second != nil, o.Result != outcome.Unfinished)
	p.cryptogram(o.Second, o.Final, true)
	return p
}

// cryptogram tells what the card answered to what it was asked for. One that comes with the
// processing options wasn't asked for.
func (p *Phase) cryptogram(c *outcome.Cryptogram, asked rules.Decision, wasAsked bool) {
	if c == nil {
		return
	}
	kind := c.Kind()
	text := "as asked for"
	switch {
	case !wasAsked:
		text = "with the processing options"
	case kind != asked:
		text = "asked for: " + asked.String()
	}
	p.add(
		Fact{
			Name: kind.String(), Value: hexOf(c.AC[:]), Text: text, Clause: clause.Book3 + "6.5.5.4",
			Against: kind == rules.Decline,
		},
		Fact{
			Name: "CID", Value: fmt.Sprintf("%02X", c.CID),
			Bits: bitsOf(emv.TagCID, []byte{c.CID}, noClause),
		},
		Fact{Name: "ATC", Value: strconv.Itoa(int(c.ATC))},
	)
	if len(c.IAD) > 0 {
		p.add(issuerData(c.IAD))
	}
}

// issuerData is what the card tells its issuer, of the schemes whose layout is known.
func issuerData(iad []byte) Fact {
	f := Fact{Name: "IAD", Value: hexOf(iad), Bits: bitsOf(emv.TagIAD, iad, noClause)}
	f.Text, _, _ = strings.Cut(decode.Words(emv.TagIAD, iad), ";")
	if len(f.Bits) == 0 {
		f.Text = decode.Words(emv.TagIAD, iad)
	}
	if f.Text == "" {
		f.Text = "the issuer's own"
	}
	return f
}

// online is what the issuer was asked and said.
func online(o *outcome.Outcome) Phase {
	p := Phase{Name: "online", Title: "Online processing", Clause: clause.Book3 + "10.9"}
	p.State = stateOf(o.Online || o.Unreachable, o.Result != outcome.Unfinished)
	switch {
	case o.Unreachable:
		p.add(Fact{Name: "issuer", Text: "couldn't be asked", Against: true}, responseCode(o.ARC))
		return p
	case o.Answer == nil:
		return p
	}
	if o.OnlinePIN {
		p.add(Fact{
			Name: "PIN", Text: "entered, and sent to the issuer enciphered",
			Clause: clause.Book3 + "10.5.2",
		})
	}
	p.add(responseCode(o.Answer.ARC))
	if len(o.Answer.IssuerAuth) > 0 {
		f := Fact{
			Name: "issuer authentication", Value: hexOf(o.Answer.IssuerAuth),
			Text: "not given to the card",
		}
		switch {
		case o.TVR.Has(rules.IssuerNotProven):
			f.Text, f.Against = "the card refused it", true
		case o.TSI.Has(rules.DidIssuer):
			f.Text = "the card took it"
		}
		p.add(f)
	}
	return p
}

func responseCode(arc [2]byte) Fact {
	text := map[[2]byte]string{
		{'0', '0'}: "approved", {'Y', '1'}: "approved offline", {'Z', '1'}: "declined offline",
		{'Y', '3'}: "the issuer couldn't be asked, approved offline",
		{'Z', '3'}: "the issuer couldn't be asked, declined offline",
	}[arc]
	f := Fact{
		Name: "response code", Value: arcText(arc), Text: text, Clause: clause.Book4 + "annex A6",
	}
	if said, known := pinCodes()[arc]; known {
		f.Text, f.Clause, f.Against = said, "ISO 8583:1987", true
	}
	return f
}

// pinCodes are what an issuer says of a PIN that was entered for it.
func pinCodes() map[[2]byte]string {
	return map[[2]byte]string{
		{'5', '5'}: "the PIN is wrong", {'7', '5'}: "too many wrong PINs",
	}
}

// arcText shows an authorisation response code, which is two characters.
func arcText(arc [2]byte) string {
	if words := decode.Words(emv.TagARC, arc[:]); words != "" {
		if text, err := strconv.Unquote(words); err == nil {
			return text
		}
	}
	return hexOf(arc[:])
}

// scripts are the issuer's.
func scripts(o *outcome.Outcome) Phase {
	p := Phase{Name: "scripts", Title: "Issuer scripts", Clause: clause.Book3 + "10.10"}
	p.State = stateOf(len(o.Scripts) > 0, o.Result != outcome.Unfinished)
	for i, s := range o.Scripts {
		p.add(scriptFact(i+1, s))
	}
	return p
}

func scriptFact(number int, s outcome.Script) Fact {
	when := "after"
	if s.Before {
		when = "before"
	}
	f := Fact{
		Name: fmt.Sprintf("script %d", number), Value: hexOf(s.ID[:]),
		Text: fmt.Sprintf("%s the final GENERATE AC: %d of %d commands carried out", when, s.Done,
			s.Commands),
	}
	if s.Done < s.Commands {
		f.Against = true
		f.Text += "; the next one: " + statusText(s.SW)
	}
	return f
}

func statusText(sw apdu.SW) string { return withWords(sw.String(), decode.StatusText(sw)) }

// verdict is TVR, TSI and the deciding reason.
func verdict(o *outcome.Outcome) Phase {
	p := Phase{Name: "outcome", Title: "Outcome", Clause: clause.Book3 + "10.11", State: Done}
	if o.Result == outcome.Unfinished {
		p.State = NotReached
	}
	if o.AFL != nil {
		p.add(
			Fact{
				Name: "TVR", Value: o.TVR.String(), Text: noneOf(o.TVR[:]), Bits: tvrBits(o.TVR),
				Clause: clause.Book3 + "annex C5",
			},
			Fact{
				Name: "TSI", Value: o.TSI.String(), Text: noneOf(o.TSI[:]), Bits: tsiBits(o.TSI),
				Clause: clause.Book3 + "annex C6",
			},
		)
	}
	if p.State == NotReached {
		return p
	}
	if o.ARC != [2]byte{} && o.Answer == nil && !o.Unreachable {
		p.add(responseCode(o.ARC))
	}
	if o.Signature && o.Result == outcome.Approved {
		p.add(Fact{Name: "signature", Text: "the cardholder has to sign", Clause: clause.Book3 + "10.5.3"})
	}
	f := Fact{Name: "result", Text: resultText(o.Result), Against: o.Result != outcome.Approved}
	if o.Why.Text != "" {
		f.Text += ": " + o.Why.Text
		f.Clause = o.Why.Clause
	}
	p.add(f)
	return p
}
