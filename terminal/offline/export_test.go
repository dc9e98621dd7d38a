package offline

import "tapbench/applet/emv"

// Failing returns the names of all checks that an answer doesn't pass, not of the first alone. An
// unknown issuer's signature isn't looked at.
func (v *Verifier) Failing(q Request, a Answer) []string {
	t := &trial{Verifier: v, q: q, a: a, id: a.Token.ID()}
	t.amount, _ = emv.N12(q.Amount)
	t.digest = t.statement()
	var names []string
	for _, c := range Checks() {
		if c.Name == "token" && v.issuers[a.Token.Fields.Issuer] == nil {
			continue // there is no key to check with
		}
		if c.holds(t) != nil {
			names = append(names, c.Name)
		}
	}
	return names
}
