package audit

import (
	_ "embed"
	"strings"
)

// JoinTable is the table of joins as docs/claims.md has it, in Markdown: the columns by which two
// parties can put their files together, what it is, and why it is there.
//
//go:embed joins.md
var JoinTable string

// allowedJoins are pairs of columns, each as a role and a field.
type allowedJoins map[[2]string]bool

// readJoins reads the table. A row's first two cells are columns, such as "bank fundings.handle",
// or several of one role, "bank users.user_id, accounts.user_id": then each of the one side may
// match each of the other.
func readJoins() allowedJoins {
	all := make(allowedJoins)
	for line := range strings.Lines(JoinTable) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, one := range cellColumns(cells[1]) {
			for _, other := range cellColumns(cells[2]) {
				all[[2]string{one, other}], all[[2]string{other, one}] = true, true
			}
		}
	}
	return all
}

// cellColumns returns the columns in a cell, each with its role.
func cellColumns(cell string) []string {
	role, names, _ := strings.Cut(strings.TrimSpace(cell), " ")
	columns := strings.Split(names, ", ")
	for i, name := range columns {
		columns[i] = role + " " + strings.TrimSpace(name)
	}
	return columns
}

// has reports whether two columns may match.
func (j allowedJoins) has(a, b *column) bool {
	return j[[2]string{a.column(), b.column()}]
}

// column returns the column with its party's role, such as "bank fundings.handle".
func (c *column) column() string { return string(c.party.Role) + " " + c.place.Field }
