// Package acquirer carries payments from a merchant's terminal to the TSM, which is the merchant's
// acquirer and the cards' issuer: ISO 8583:1987 messages, two bytes of length before each, over TLS
// 1.3 with the merchant's certificate. It decides nothing: the TSM does, as a [Decider].
//
// Words: a message is an MTI and fields. The MTIs are 0100 and 0110 (authorisation), 0200 and 0210
// (refund), 0220 and 0230 (advice that a payment was completed), 0400 and 0410 (reversal), 0500 and
// 0510 (reconciliation at the end of a day), 0800 and 0810 (sign-on, sign-off, echo). A [Key] names
// one message of one terminal: whoever repeats a request gets the first answer again. A [Code] is
// field 39; a decline is an answer, not an error.
//
//	err := acquirer.Serve(ctx, listener, acquirer.ServerConfig{
//		Decider: tsm, TLS: config, Identify: identify, Log: log,
//	})
//
//	c := acquirer.NewClient(address, config)
//	answer, err := c.Authorise(ctx, request) // answer.Code says approved or why not
//
// An authorisation that errs with [ErrNoAnswer] may have been booked: it must be reversed. A refund
// or reconciliation that does must be sent again, with the same key. With any error of which
// [NothingBooked] holds nothing was booked.
//
// # Layout
//
// Fields are ASCII, the bitmap and field 55 are binary; fixed fields have their whole length. Which
// fields a message has stands in docs/acquirer.md, a table that is made from the one in table.go:
// what isn't in it is refused. No field of an answer names a bank, an account or a handle.
//
// A [Client] and what [Serve] runs are safe for concurrent use. The ISO 8583 library's own masks
// show what they can't read, so nothing of it is ever logged; PANs travel as emv.PAN, which doesn't
// print. [Describe] writes a message in words, the PAN masked.
//
// Sources: ISO 8583:1987, clause 4 (message structure) and annexes A and B; EMV 4.3 Book 4, 12.1
// (authorisation messages); RFC 8446 (TLS 1.3).
package acquirer
