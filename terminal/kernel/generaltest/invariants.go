package generaltest

import (
	"fmt"
	"math/bits"

	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// MaxCommands is how many commands a payment may take whatever the card does: more than there are
// records in a directory and in an application, each fetched byte by byte. What a payment really
// takes, the cases say.
const MaxCommands = 500 * 258

// GENERATE AC (EMV 4.3 Book 3, 6.5.5).
const (
	claAC, insAC = 0x80, 0xAE
	kindMask     = 0xC0
)

// rule is what a payment never is.
type rule struct {
	broken bool
	what   string
}

// Invariants says what of a payment contradicts itself, whatever the card did, or nothing.
func Invariants(p Paid) []string {
	var wrong []string
	rules := append(p.results(), p.requests()...)
	for _, r := range append(rules, p.indications()...) {
		if r.broken {
			wrong = append(wrong, "never: "+r.what)
		}
	}
	return wrong
}

// results are about how it ended.
func (p Paid) results() []rule {
	o := p.Outcome
	last := o.Second
	if last == nil {
		last = o.First
	}
	approved := o.Result == outcome.Approved
	return []rule{
		{len(p.Commands) > MaxCommands, fmt.Sprintf("%d commands", len(p.Commands))},
		{p.Err != nil && o.Result != outcome.Unfinished, "an error beside a result"},
		{p.Err == nil && o.Result == outcome.Unfinished, "neither an error nor a result"},
		{p.Err == nil && o.Why.Text == "", "a result without a reason"},
		{approved && kind(last) != "TC" && !p.byIssuer(), "approved by the card's " + kind(last)},
		{approved && o.Decision == rules.Decline, "approved, though the terminal declined"},
		{approved && o.Second != nil && o.Final != rules.Approve, "approved, though finally declined"},
		{o.Online && kind(o.First) != "ARQC", "online after the card's " + kind(o.First)},
		{o.Answer != nil && !o.Online, "the issuer's answer without a question"},
		{approved && o.Reversal, "a reversal of what was approved"},
		{p.unbooked() && !o.Reversal, "no reversal of what the issuer has approved"},
	}
}

// unbooked says that the issuer has approved what didn't take place.
func (p Paid) unbooked() bool {
	o := p.Outcome
	return o.Answer != nil && string(o.Answer.ARC[:]) == "00" && o.Result != outcome.Approved
}

// byIssuer says that a contactless card's part has ended with its ARQC, and that the issuer's word
// is the approval.
func (p Paid) byIssuer() bool {
	o := p.Outcome
	return o.Second == nil && kind(o.First) == "ARQC" && o.Answer != nil &&
		o.Selected.Directory == "PPSE" && o.Final == rules.Approve
}

// requests are about what the card was asked for.
func (p Paid) requests() []rule {
	o, asked := p.Outcome, kindsAsked(p.Commands)
	first, second := rules.Decision(0xFF), rules.Decision(0xFF)
	if len(asked) > 0 {
		first = asked[0]
	}
	if len(asked) > 1 {
		second = asked[1]
	}
	return []rule{
		{len(asked) > 2, "three cryptograms asked for"},
		{len(asked) > 0 && first != o.Decision, fmt.Sprintf("asked for %s after %s", first, o.Decision)},
		{len(asked) > 1 && second != o.Final, fmt.Sprintf("asked for %s after %s", second, o.Final)},
		{second == rules.Online, "an ARQC asked for last"},
		{len(asked) > 1 && first == rules.Decline, "asked again after an AAC"},
		{len(asked) > 1 && kind(o.First) != "ARQC", "asked again after the card's " + kind(o.First)},
	}
}

// indications are about TVR and TSI.
func (p Paid) indications() []rule {
	o, tvr, tsi, finished := p.Outcome, p.Outcome.TVR, p.Outcome.TSI, p.Err == nil
	authenticated := tsi.Has(rules.DidAuthentication)
	return []rule{
		{
			tvr.Has(rules.NoAuthentication) && authenticated,
			"offline data authentication both performed and not",
		},
		{
			finished && !tvr.Has(rules.NoAuthentication) && !authenticated &&
				o.Authentication.Method != outcome.CDA, "offline data authentication forgotten",
		},
		{tvr.Has(rules.SDAFailed) && !tvr.Has(rules.SDASelected), "SDA failed without being selected"},
		{tvr.Has(rules.IssuerNotProven) && o.Answer == nil, "issuer not proven without an answer"},
		{tsi.Has(rules.DidIssuer) && !o.Online, "issuer authenticated offline"},
		{
			finished && tsi.Has(rules.DidScripts) != (len(o.Scripts) > 0),
			"scripts in the TSI alone, or in the list alone",
		},
		{tvr.Has(rules.ScriptBefore) && !tsi.Has(rules.DidScripts), "a script failed and none was"},
		{tvr.Has(rules.ScriptAfter) && !tsi.Has(rules.DidScripts), "a script failed and none was"},
		{finished && !tsi.Has(rules.DidCardholder) && tvr[2] != 0, "cardholder bits without the step"},
		{bitsSet(tvr) > len(o.Notes), "a bit of the TVR without a note that says why"},
		{finished && o.First != nil && !tsi.Has(rules.DidCardRisk), "no card risk management"},
	}
}

func bitsSet(tvr rules.TVR) (n int) {
	for _, b := range tvr {
		n += bits.OnesCount8(b)
	}
	return n
}

// kindsAsked are the cryptograms that were asked for, the same command again (6Cxx) not counted.
func kindsAsked(commands [][]byte) []rules.Decision {
	var kinds []rules.Decision
	var last string
	for _, c := range commands {
		if len(c) > 4 && c[0] == claAC && c[1] == insAC {
			if same := string(c[:len(c)-1]); same != last {
				kinds = append(kinds, rules.Decision(c[2]&kindMask))
				last = same
			}
		}
	}
	return kinds
}
