// Package ledger is double-entry bookkeeping: it decides whether money may move, and states what
// must then be written down. It has no storage, no clock and no network: every function works on a
// [Book], and whoever implements Book makes the calls of one decision one atomic commit.
//
// Words: an account has a kind, which says on which side its balance grows (debit for assets and
// expenses, credit for liabilities, equity and income). A transfer moves one amount from the
// account that it credits to the one that it debits; it never changes and is never deleted. It is
// either posted at once, or pending first:
//
//	          Execute (Pending: false)
//	(none) -------------------------------> posted
//	   |                                       ^
//	   | Execute (Pending: true)               | Post
//	   +---------------------> pending --------+
//	                                           | Void
//	                                           v
//	                                         voided
//
// A posting is one side of a posted transfer, as the journal has it. What is available is the
// posted balance less what pending transfers would take from it; what they would bring doesn't
// count.
//
//	err := ledger.Open(ctx, book, ledger.Account{ID: "customer/anna", Kind: ledger.Liability,
//		Currency: money.EUR})
//	record, err := ledger.Execute(ctx, book, ledger.Transfer{ID: id, Debit: "customer/anna",
//		Credit: "escrow/tsm", Amount: limit, Pending: true, Reason: "reserve"})
//	record, err = ledger.Post(ctx, book, id)
//
// A transfer's ID is its idempotency key: the same transfer under the same ID is answered with its
// record and changes nothing, another one under the same ID is [ErrIDReused]. A refused transfer
// leaves no trace, so the same ID may succeed later.
//
// Invariants, which [Audit] checks: what is debited equals what is credited, in each currency and
// in each transfer; the balances are the sums of the journal; nothing available lies below what
// its account allows.
//
// Functions here may run concurrently as far as the Book allows. Reversing a posted transfer is a
// new transfer the other way. Transfers don't expire by themselves and convert no currencies.
package ledger
