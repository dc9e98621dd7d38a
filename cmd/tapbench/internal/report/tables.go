package report

import "slices"

// matrix is who learned what: a row for each identifier, a column for each party.
type matrix struct {
	Parties []string
	Rows    []matrixRow
}

type matrixRow struct {
	Name  string
	Knows []bool
}

func newMatrix(all []Learned) *matrix {
	if len(all) == 0 {
		return nil
	}
	m := &matrix{}
	var names []string
	for _, l := range all {
		m.Parties = append(m.Parties, l.Party)
		for _, name := range slices.Concat(l.Knows, l.Not) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		r := matrixRow{Name: name}
		for _, l := range all {
			r.Knows = append(r.Knows, slices.Contains(l.Knows, name))
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

// book is one party's accounts.
type book struct {
	Party    string
	Accounts []Balance
}

func newBooks(all []Balance) []book {
	var books []book
	for _, b := range all {
		if n := len(books); n == 0 || books[n-1].Party != b.Party {
			books = append(books, book{Party: b.Party})
		}
		last := &books[len(books)-1]
		last.Accounts = append(last.Accounts, b)
	}
	return books
}
