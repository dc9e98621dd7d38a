// Package tsm is the trusted service manager: it registers anonymous TSM accounts funded by banks
// (phase 3), issues one-show virtual cards for them (phase 4) and authorises their payments
// (phase 5). It issues offline tokens for them, takes what is left of tokens back, and pays
// merchants what was spent of them.
//
// It decides and keeps books; package service carries the wallet's requests, package acquirer the
// merchants', package store the data. Every decision that changes something is one transaction.
//
// What the TSM must never learn, who the user is and which bank account pays, has no column here.
// Where paper A's table 2 keeps the bank account ID, it keeps the bank's random handle.
//
// The states of one registration, named by its run, and of the account that it becomes are
// [Transitions]; docs/accounts.md draws them.
//
// A TSM is safe for concurrent use; its store serialises what writes.
package tsm
