// Package examiner goes through the files of stopped parties and says where every unit is. It is
// the auditor from outside: it shares no code with the ledger, the bank or the TSM, reads the rows
// themselves, and believes no balance that it hasn't added up.
//
//	report, err := examiner.Examine(ctx, examiner.Files{
//		Stores: []string{"bank-a.db", "bank-b.db", "tsm.db"}, Tills: []string{"terminal"},
//	})
//	for _, f := range report.Findings { … }
//
// What it holds against the files:
//
//   - books: each account's balances are the sums of its postings, each posting is a side of one
//     posted transfer, debits equal credits;
//   - bank: cash is what users have handed in; a user has what was handed in, less what was moved
//     into a TSM's escrow, and what came back of it; the escrow holds the rest;
//   - TSM: an account holds what AUTH moved into it, less its payments; a merchant has what was
//     paid to him; each payment is one card's, within the card's limit, and a one-show card paid
//     once; each movement has its row, and each row its movement, once;
//   - between them: each handle is one bank's, booked once, with the same amount; what is booked at
//     the bank alone is under way, and a registration at the TSM still waits for it; what came back
//     of a handle here left there;
//   - terminals: each receipt is a booked payment or refund, and each booked one is a receipt, or
//     is one that the terminal's journal still has to reverse or to ask for;
//   - offline tokens, unit by unit: each is paid, come back, claimed in a terminal's journal, on a
//     card, torn or on no card; none is in two of these, none was claimed before its card has given
//     it out, and none is paid that no terminal has claimed;
//   - customers, if somebody has written down what they were told: each payment and refund that was
//     acknowledged is booked, and was told once.
//
// The files are opened read-only. A store that a killed process left is read as its next start
// would find it.
package examiner
