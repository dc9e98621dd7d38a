// Package outcome is what a transaction of package general has come to, as data: for receipts,
// pages, explanations and whoever else reads it without paying.
//
// An [Outcome] says how the transaction ended, what the card gave, and by which [Reason] each bit
// of the TVR was set. Its [Trail] keeps what the steps compared. A [TerminatedError] is a
// transaction that the books end; it stands beside an Unfinished outcome. Nothing here does
// anything with a card, and nothing is checked: package general fills it in.
//
// Sources: EMV 4.3 Book 3, 6.5 and 10 (what is done), annex C; Book 4, 6.3 and annex A.
package outcome
