// Package denylist is the list of offline tokens that no terminal may take any more: those of a
// frozen account, and those that were closed, as long as they haven't expired. The TSM
// makes and signs it, terminals fetch it when they can and ask it at each offline payment. The
// package has no clock and no I/O.
//
//	maker := denylist.NewMaker(denylist.MakerConfig{TSM: id, Key: key, Last: serial, Rand: …})
//	list, err := maker.Update(tokIDs, now)         // at the TSM, now and then and at each freeze
//	raw := maker.Since(have)                       // what to send to a terminal that has that serial
//
//	held := denylist.NewHeld(id, key, denylist.DefaultMaxAge)
//	err := held.Update(raw)                        // at the terminal, a list or a change
//	err = held.Usable(at)                          // ErrStale: connect once
//	denied := held.Contains(tokID)
//
// Words: an entry is a salted hash of a tokID, or padding, which is random. A step leads from one
// serial to the next by swapping as many entries as it brings. A delta is one or more steps.
//
// What a list tells: whether a token that one has seen is on it, and of their number a power of
// two. Nothing else, also to someone who reads every list and every delta: [Maker] says how.
//
// Source: docs/protocol.md, "Payment offline". A Maker and a Held are safe for concurrent use; a
// List doesn't change.
package denylist
