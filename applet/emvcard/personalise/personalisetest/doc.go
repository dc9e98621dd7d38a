// Package personalisetest has cards of the built-in profiles for tests, with a CA and RSA keys that
// were drawn once, so that no test waits for primes.
//
//	card := personalisetest.Card(t, "interop")
//	keys := personalisetest.CAKeys(t, card) // what a terminal is given
//
// Account numbers and serial numbers come from a fixed source: a card is the same each time.
package personalisetest
