// Package audit asks what each party of a bench has learned, and whether it is something that it
// must never learn. It computes; what it is given comes from package dossier, which opens a kept
// bench.
//
//	report, err := audit.Run(ctx, audit.Bench{Parties: parties, Secrets: secrets})
//	for _, f := range report.Findings { … }
//
// Four questions are asked of all that a party holds: its store, its files, its log, and the
// messages that it has received.
//
//   - Identifiers. Each secret is a string of at least eight bytes that occurs nowhere by chance. It
//     is looked for as it is, in hexadecimal, decimal, packed decimal and base64, reversed, hashed,
//     truncated to eight bytes, and under every key that the party holds. [Never] says which kind of
//     secret must not be with whom.
//   - Amounts and times can't be recognised by their value. So each column of a store and each field
//     of a message must be in a list, with the reason why that party has it; what isn't fails the
//     audit. A bank's list has no purchase, merchant or time of one.
//   - Joins. A column of one party whose values are those of another party's column, as they are or
//     hashed, lets both put their files together. It must be in the table of joins.
//   - Offline tokens. What two tokens have in common, or what sets one apart from the others of its
//     class and epoch, tells merchants which payments are one customer's.
package audit
