// Package general carries out an EMV transaction with a card that nobody here has seen: selection,
// processing options, records, offline data authentication, restrictions, cardholder verification,
// risk management, action analysis, cryptograms, issuer authentication and scripts, by the book.
//
//	k, err := general.New(general.Config{Terminal: general.PointOfSale(), Applications: …, …})
//	outcome, err := k.Pay(ctx, card, host, general.Purchase{Amount: 1250})
//
// Words: the card is a pcsc.Card, the issuer a [Host], who enters a PIN a [PINPad], who chooses an
// application an entry.Chooser. An [outcome.Outcome] is all that the transaction has come to, with
// a reason for the result, for each bit of the TVR and for whatever else was remarkable. A decline
// is no error. An error says that the transaction came to no end:
//   - a *[outcome.TerminatedError]: what the card is or answered is such that the books end it;
//   - a *pcsc.Error: card or reader is gone, or an answer has no end;
//   - what Rand returned.
//
// Beside an error, too, the outcome's Reversal says whether the issuer has approved what didn't
// take place, or may have: a [Host] that didn't even ask says so by [ErrNotSent].
//
// # Flow
//
// One phase is one file, and one row of the kernel's table. A phase sets bits of TVR and TSI, ends
// the transaction, or fails.
//
//	initiate ▸ relay ▸ records ▸ authenticate ▸ restrict ▸ cardholder ▸ risk ▸ action ▸
//	cryptogram ▸ online ▸ issuer ▸ scripts 71 ▸ completion ▸ scripts 72
//
// A contactless card without CDOL2 ends with its first cryptogram; the issuer's word decides then.
// One that answers its cryptogram with the processing options (fast) has decided there: what is
// left is its signature, and the issuer.
//
// # Bounds
//
// A card can make the kernel neither wait nor grow without end: 32 candidates, 64 records, 128 data
// objects, lists that fit one command, answers of 256 bytes, PIN tries that must go down. Of
// the records package carddata keeps what they are, not copies: the record walk allocates nothing.
//
// The protocol's own anonymous cards are paid by package kernel; package entry says which is which.
// Like that one, this package has no clock, no randomness and no connection of its own. A Kernel is
// safe for concurrent use if what its Config names is; a card belongs to one payment at a time.
//
// Sources: EMV 4.3 Book 1, 12 (selection); Book 2, 5 to 7 (authentication); Book 3, 6 and 10
// (commands and flow), annex C; Book 4, 6 and 10; EMV Contactless Book B 2.6; of Book C-2 2.6 relay
// resistance, of Book C-3 2.6 the fast transaction.
package general
