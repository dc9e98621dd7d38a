// Package bank is a bank: it opens accounts in person, enrols phones, grants bank account IDs
// (phase 2 of the protocol) and moves credit into the TSM's pooled escrow (phase 3).
//
// It decides and keeps books; package service carries its requests, package store its data. Every
// decision that changes something is one transaction: all of it is written down, or nothing.
//
// What the bank must never learn, TSM account IDs, card numbers, what was bought, where and when,
// has no column here and no field in its messages.
//
// The states of what it keeps are [Transitions]; docs/accounts.md draws them.
//
// A Bank is safe for concurrent use; its store serialises what writes.
package bank
