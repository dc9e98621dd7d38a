// Package token computes with offline tokens: the hash chain, unit classes and intervals. It has no
// state, no clock and no I/O. Layouts are package message's.
//
//	shown, err := chain.Value(j) // the element, at most 8 hashes
//
// Source: paper B as docs/protocol.md has it, "Payment offline". All functions are safe for
// concurrent use.
package token
