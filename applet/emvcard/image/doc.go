// Package image is what an EMV card holds once it is personalised: applications with their answers,
// records, keys and limits, as data. Package personalise makes one from a profile, package emvcard
// behaves as it says.
//
// An image has no behaviour and no state that changes: counters, PIN tries and the log are the
// card's. It holds keys and an account number: it prints as "Card(hidden)".
//
// Sources: EMV 4.3 Books 1 to 3; EMV Contactless Book B 2.6.
package image
