// Package register keeps a party's log of openings in its store: each opening once, signed, naming
// the one before. What was opened stays opened: a request for the same subject gets the first entry
// again.
package register
