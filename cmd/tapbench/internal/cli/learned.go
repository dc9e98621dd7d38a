package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tapbench/cmd/tapbench/internal/audit"
	"tapbench/cmd/tapbench/internal/cli/lookback"
)

// learned is what one party's files hold of the identifiers of a run.
type learned struct {
	Party string   `json:"party"`
	Knows []string `json:"knows"`
	Not   []string `json:"does_not_know"`
}

// whoLearned is an audit in short: for those who take part in a payment, and the five identifiers
// that name its parties. "tapbench audit" has the rest.
func whoLearned(r lookback.AuditResult) []learned {
	var all []learned
	for _, row := range r.Rows {
		if !slices.Contains([]audit.Role{
			audit.RoleBank, audit.RoleTSM, audit.RoleMerchant, audit.RoleWallet,
		}, row.Role) {
			continue
		}
		l := learned{Party: row.Party, Knows: []string{}, Not: []string{}}
		for _, k := range []audit.Kind{
			audit.User, audit.Account, audit.TID, audit.PAN, audit.Merchant,
		} {
			switch row.Verdicts[k.String()] {
			case audit.Holds, audit.Learned:
				l.Knows = append(l.Knows, k.String())
			default:
				l.Not = append(l.Not, k.String())
			}
		}
		all = append(all, l)
	}
	return all
}

// findings are an audit's findings, one a line.
func findings(r lookback.AuditResult) []string {
	all := []string{}
	for _, f := range r.Findings {
		all = append(all, string(f.Rule)+": "+f.String())
	}
	return all
}

func writeLearned(w io.Writer, r demoResult) {
	_, _ = fmt.Fprintln(w, "\nwhat each party's files hold")
	for _, l := range r.Learned {
		_, _ = fmt.Fprintf(w, "  %-9s knows: %s; not: %s\n", l.Party, list(l.Knows), list(l.Not))
	}
	if len(r.Findings) == 0 {
		_, _ = fmt.Fprintln(w, "audit of stores, files, logs and received messages: no finding")
	}
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(w, "FINDING %s\n", f)
	}
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
