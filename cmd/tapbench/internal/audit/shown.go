package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// claimDocument is what the fields of a terminal's offline claims begin with.
const claimDocument = "claims "

// ClaimField returns the field of a terminal's offline claims with a name, such as "claims token".
// The names that the audit of tokens reads are token, statement and from, epoch, unit and length,
// and those of [OwnFields] and [AlikeFields].
func ClaimField(name string) string { return claimDocument + name }

// OwnFields are the fields of a claim that no two tokens have in common.
func OwnFields() []string { return []string{"token_key", "root", "issued", "signature", "value"} }

// AlikeFields are the fields that all tokens of one class and epoch have in common.
func AlikeFields() []string { return []string{"version", "issuer", "policy"} }

// classFields make the class and epoch of a token.
func classFields() []string { return []string{"epoch", "unit", "length"} }

// Shown is what offline payments tell a merchant of which of them are one customer's.
type Shown struct {
	Party    string `json:"party"`
	Payments int    `json:"payments"` // metering commitments among them
	Tokens   int    `json:"tokens"`
	// Linked counts the payments by tokens that have paid here more than once: those of one token are
	// one customer's, who has chosen that.
	Linked int `json:"linked"`
	// Begun counts the tokens whose first units weren't paid here.
	Begun int `json:"begun"`
}

// claimRow is one claim of a merchant.
type claimRow struct {
	party  string
	place  Place
	row    int64
	fields map[string]string
}

// takeClaim takes a piece down if it is a field of a merchant's claim.
func (s *survey) takeClaim(p Piece) {
	name, ok := strings.CutPrefix(p.Field, claimDocument)
	if !ok || s.party.Role != RoleMerchant || p.Medium != MediumDocument {
		return
	}
	n := len(s.claims)
	if n == 0 || s.claims[n-1].row != p.Row || s.claims[n-1].place.File != p.File {
		s.claims = append(s.claims, claimRow{
			party: s.party.Name, place: p.Place, row: p.Row, fields: map[string]string{},
		})
		n++
	}
	s.claims[n-1].fields[name] = string(p.Value)
}

// show says what merchants' claims tell of their customers, all merchants together.
func (r *Report) show(all []*survey) {
	var claims []claimRow
	for _, s := range all {
		mine := slices.DeleteFunc(slices.Clone(s.claims), func(c claimRow) bool {
			return c.fields["token"] == "" // it is paid and forgotten
		})
		if len(mine) > 0 {
			r.Shown = append(r.Shown, shownTo(s.party.Name, mine))
		}
		claims = append(claims, mine...)
	}
	r.linked(claims)
	r.marked(claims)
}

// shownTo counts what one merchant was shown.
func shownTo(party string, claims []claimRow) Shown {
	statements := make(map[string]map[string]bool) // by token
	begun := make(map[string]bool)
	for _, c := range claims {
		token := c.fields["token"]
		if statements[token] == nil {
			statements[token], begun[token] = map[string]bool{}, true
		}
		statements[token][c.fields["statement"]] = true
		begun[token] = begun[token] && c.fields["from"] != "0"
	}
	out := Shown{Party: party, Tokens: len(statements)}
	for token, of := range statements {
		out.Payments += len(of)
		if len(of) > 1 {
			out.Linked += len(of)
		}
		if begun[token] {
			out.Begun++
		}
	}
	return out
}

// linked finds what two tokens have in common that each should have by itself, and tokens that two
// merchants were shown.
func (r *Report) linked(claims []claimRow) {
	for _, field := range append(OwnFields(), "token") {
		first := make(map[string]claimRow)
		found := make(map[string]*Finding) // by party
		for _, c := range claims {
			value := c.fields[field]
			one, seen := first[value]
			if !seen {
				first[value] = c
			}
			same := one.fields["token"] == c.fields["token"]
			if field == "token" {
				same = one.party == c.party
			}
			if value == "" || !seen || same {
				continue
			}
			if found[c.party] == nil {
				found[c.party] = &Finding{
					Rule: RuleLinked, Party: c.party, Place: c.at(field), Row: c.row, Other: one.party,
				}
			}
			found[c.party].Count++
		}
		for _, f := range found {
			r.Findings = append(r.Findings, *f)
		}
	}
}

// marked finds tokens that differ from the others of their class and epoch.
func (r *Report) marked(claims []claimRow) {
	for _, field := range AlikeFields() {
		classes := make(map[string]map[string]claimRow) // class to value to the first claim with it
		for _, c := range claims {
			var class strings.Builder
			for _, f := range classFields() {
				class.WriteString(c.fields[f] + " ")
			}
			of := classes[class.String()]
			if of == nil {
				of = make(map[string]claimRow)
				classes[class.String()] = of
			}
			if _, seen := of[c.fields[field]]; !seen {
				of[c.fields[field]] = c
			}
		}
		for _, values := range classes {
			if len(values) < 2 {
				continue
			}
			last := slices.MaxFunc(slices.Collect(maps.Values(values)), func(a, b claimRow) int {
				return cmp.Or(strings.Compare(a.party, b.party), cmp.Compare(a.row, b.row))
			})
			r.Findings = append(r.Findings, Finding{
				Rule: RuleMarked, Party: last.party, Place: last.at(field), Row: last.row,
				Count: len(values),
			})
		}
	}
}

// at returns where a field of the claim stands.
func (c claimRow) at(field string) Place {
	place := c.place
	place.Field = ClaimField(field)
	return place
}
