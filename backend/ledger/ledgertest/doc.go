// Package ledgertest holds what every [ledger.Book] must pass, and a book in memory to think with.
//
// [Run] is the suite: the decisions one by one, then a model check that compares random operations
// with a model which recomputes everything from a list, and audits the book after each.
//
//	func TestBook(t *testing.T) {
//		ledgertest.Run(t, func(t *testing.T) ledgertest.Books { return openMine(t) })
//	}
//
// It is imported by tests only.
package ledgertest
