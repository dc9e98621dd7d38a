// Package kernel carries out one contactless EMV payment. Online, between a card and an issuer, it
// selects, reads, authenticates, asks for a cryptogram, has it authorised and brings the issuer's
// answer to the card. Offline, by token, it has a verifier judge and the claim kept.
//
//	k, err := kernel.New(kernel.Config{…})
//	outcome, err := k.Pay(ctx, card, host, kernel.Purchase{Amount: amount})
//
//	o := kernel.Offline{Kernel: k, Verifier: …, Keep: …}
//	terms, err := k.NewTerms(amount, 0)              // or a unit, for metering
//	outcome, err := o.Pay(ctx, card, terms)          // again on the same terms if it broke off
//	metering, outcome, err := o.Meter(ctx, card, terms, nil)
//	err = metering.Tick(ctx)                         // nil: one more unit is the merchant's
//
// Words: the card is a pcsc.Card, the issuer a [Host]. A [Step] is one act of the flow, told to an
// observer with what it cost. An [Outcome] says what became of the payment: approved, or declined
// by whom and why; a decline is no error. Errors say that the payment came to no end:
//   - a *pcsc.Error: the card or the reader is gone;
//   - an *apdu.StatusError: the card refused a command, [ErrNotArmed] among them;
//   - [ErrNoApplication]: the card is no card of ours;
//   - [ErrCardData]: the card answered what it mustn't;
//   - what the Host returned.
//
// Beside an error, too, the outcome says whether the issuer may have booked the payment. If so it
// must be reversed: see [Outcome.NeedReversal].
//
// # Flow
//
//	SELECT PPSE ▸ SELECT application ▸ GET PROCESSING OPTIONS ▸ READ RECORD … ▸ authenticate ▸
//	GENERATE AC (ARQC) ▸ authorise ▸ GENERATE AC (TC or AAC)
//
// and offline:
//
//	SELECT application ▸ GET PROCESSING OPTIONS ▸ READ RECORD ▸ GENERATE AC (TC) ▸ verify ▸ keep ▸
//	PUT DATA (receipt)
//
// A card that was armed so gives a challenge with its processing options: then the merchant
// authenticates before any record is read, [ErrNoMerchantKey] or [ErrMerchantRefused].
//
// The profile is PROTOCOL.md's: cards are anonymous and shown once, so there is no EMV offline data
// authentication. In its place stand two signatures: the TSM's over PAN, card key and class,
// checked with the certificates that the terminal holds, and the card key's over the payment. Such
// a card is never approved offline; tokens are, by package offline. There is no cardholder
// verification and no terminal risk management but the terminal's floor limit; processing
// restrictions are expiry, currency and limit.
//
// The package has no clock, no randomness and no connection of its own. A Kernel is safe for
// concurrent use; a card belongs to one payment at a time.
//
// Sources: EMV 4.3 Book 1, 12 (selection), Book 3, 10 (flow), Book 4, 6.3; EMV Contactless Book B
// 2.6, 3.3 (PPSE).
package kernel
