// Package token computes with offline tokens: the hash chain, unit classes and intervals, what a
// merchant checks of a payment with no network, and what proves a double spend. It has no state,
// no clock and no I/O. Layouts are package message's.
//
//	shown, err := chain.Value(j)                       // the element, at most 8 hashes
//	err = token.Check(payment, asked, books)           // the merchant, two signatures
//	kind, err := token.Judge(tsmKey, t, first, second) // anybody, with the TSM's key alone
//
// Source: paper B as protocol.md section 6 designs it. All functions are safe for concurrent use.
package token
