// Package offline is how a merchant judges a payment alone: no network, no host, only what the card
// has answered and what the terminal knows. It has no clock and no I/O.
//
//	tsm, err := offline.NewIssuer(id, key)                 // parsed once
//	v, err := offline.New(offline.Config{Issuers: []offline.Issuer{tsm}, …})
//	payment, err := v.Payment(request, answer)             // every check, or a named refusal
//	_, err = journal.Append(claims.Key(payment.Key()), …)  // payment.Claim(), before the receipt
//	receipt, err := payment.Receipt(merchantKey)           // what the card and its wallet keep
//
// Words: a request is what the terminal asked the card for, an answer what the card said. A
// statement is what the card's token key signs: a spend, or a metering commitment. Its digest is
// the claim's key; no signature is an identity. A tick is one unit of a metering commitment.
//
// A [Payment] and a [Metering] come from a [Verifier] only, so that no code path can claim or
// receipt what wasn't verified. [Checks] lists what is checked, in this order; docs/offline.md says
// why, and a test compares the two.
//
// Source: docs/protocol.md, "Payment offline"; paper B, chapter 4.3. A Verifier is safe for
// concurrent use if its table and its deny list are; a Metering isn't.
package offline
