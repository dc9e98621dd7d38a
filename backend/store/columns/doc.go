// Package columns reads a stopped party's store value by value, without knowing what is in it: each
// table that the database says it has, every column, every row. It is for whoever must not overlook
// anything, as an audit of what a party has learned.
//
//	store, err := columns.Open(ctx, "bank-a.db")
//	defer store.Close()
//	err = store.Each(ctx, func(c columns.Cell) error { … })
//
// The file is opened read-only. A store that a killed process left is read as its next start would
// find it. Rows that were deleted may still lie in the file's free pages: those are for whoever
// reads the file itself.
package columns
