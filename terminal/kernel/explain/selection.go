package explain

import (
	"fmt"
	"strconv"
	"strings"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
)

// selection is how the application was found.
func selection(o *outcome.Outcome) Phase {
	p := Phase{Name: "selection", Title: "Application selection", Clause: clause.Book1 + "12"}
	if len(o.Selected.AID) == 0 {
		p.State = NotReached
		return p
	}
	p.State = Done
	words := []string{}
	if o.Selected.Label != "" {
		words = append(words, strconv.Quote(o.Selected.Label))
	}
	words = append(words, decode.Words(emv.TagPriority, []byte{o.Selected.Priority}))
	p.add(Fact{
		Name: "application", Value: hexOf(o.Selected.AID), Text: strings.Join(words, ", "),
		Clause: clause.Book1 + "12.4",
	})
	if o.Selected.Directory != "" {
		p.add(Fact{
			Name: "found by", Text: o.Selected.Directory, Clause: directoryClause(o.Selected.Directory),
		})
	}
	return p
}

func directoryClause(directory string) string {
	switch directory {
	case "PSE":
		return clause.Book1 + "12.3.2"
	case "PPSE":
		return "EMV Contactless Book B 2.6, 3.3"
	default:
		return clause.Book1 + "12.3.3"
	}
}

// options are the answer to GET PROCESSING OPTIONS.
func options(o *outcome.Outcome) Phase {
	p := Phase{Name: "options", Title: "Processing options", Clause: clause.Book3 + "10.1"}
	if o.AFL == nil {
		p.State = NotReached
		return p
	}
	p.State = Done
	p.add(
		Fact{
			Name: "AIP", Value: hexOf(o.AIP[:]), Text: noneOf(o.AIP[:]), Clause: clause.Book3 + "annex C1",
			Bits: bitsOf(emv.TagAIP, o.AIP[:], noClause),
		},
		Fact{
			Name: "AFL", Value: hexOf(o.AFL), Text: decode.Words(emv.TagAFL, o.AFL),
			Clause: clause.Book3 + "10.2",
		},
	)
	return p
}

// noneOf says of bytes that are all zero that no bit is set.
func noneOf(b []byte) string {
	for _, c := range b {
		if c != 0 {
			return ""
		}
	}
	return "no bit is set"
}

// records are the objects that the card gave.
func records(o *outcome.Outcome) Phase {
	p := Phase{Name: "records", Title: "Application data", Clause: clause.Book3 + "10.2"}
	p.State = stateOf(authenticated(o) || readOn(o), o.Result != outcome.Unfinished)
	if len(o.Objects) == 0 {
		return p
	}
	tags := make([]string, len(o.Objects))
	for i, object := range o.Objects {
		tags[i] = fmt.Sprintf("%X", uint32(object.Tag))
	}
	p.add(Fact{
		Name: "objects", Value: strconv.Itoa(len(tags)), Text: "tags " + strings.Join(tags, " "),
	})
	return p
}

// add appends facts and says by [Objected] if one of them speaks against the card.
func (p *Phase) add(facts ...Fact) {
	for _, f := range facts {
		p.Facts = append(p.Facts, f)
		if f.Against {
			p.State = Objected
		}
	}
}
