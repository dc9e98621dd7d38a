// Package general carries out an EMV transaction with a card that nobody here has seen: selection,
// processing options, records, offline data authentication, restrictions, cardholder verification,
// risk management, action analysis, cryptograms, issuer authentication and scripts, by the book.
//
// The protocol's own anonymous cards are paid by package kernel. Like that one, this package has no
// clock, no randomness and no connection of its own.
//
// Sources: EMV 4.3 Book 1, 12 (selection); Book 2, 5 to 7 (authentication); Book 3, 6 and 10
// (commands and flow), annex C; Book 4, 6 and 10; EMV Contactless Book B 2.6.
package general
