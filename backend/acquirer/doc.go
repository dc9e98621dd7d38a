// Package acquirer carries payments from a merchant's terminal to the TSM, which is the merchant's
// acquirer and the cards' issuer: ISO 8583:1987 messages, two bytes of length before each, over TLS
// 1.3 with the merchant's certificate. It decides nothing: the TSM does, as a [Decider].
//
// Words: a message is an MTI and fields. The MTIs are 0100 and 0110 (authorisation), 0400 and 0410
// (reversal), 0800 and 0810 (sign-on). A [Key] names one message of one terminal: whoever repeats a
// request gets the first answer again. A [Code] is field 39; a decline is an answer, not an error.
//
//	err := acquirer.Serve(ctx, listener, acquirer.ServerConfig{
//		Decider: tsm, TLS: config, Identify: identify, Log: log,
//	})
//
//	c := acquirer.NewClient(address, config)
//	answer, err := c.Authorise(ctx, request) // answer.Code says approved or why not
//
// An authorisation that errs with [ErrNoAnswer] may have been booked: it must be reversed. With any
// other error nothing was booked.
//
// # Layout
//
// Fields are ASCII, the bitmap and field 55 are binary; fixed fields have their whole length. M is
// mandatory, o optional, all others are refused.
//
//	field                          0100 0110 0400 0410 0800 0810
//	  2 PAN, LLVAR n..19             M
//	  3 processing code, n6          M         M
//	  4 amount, n12                  M    o    M    o
//	  7 transmission, MMDDhhmmss     M    M    M    M    M    M
//	 11 STAN, n6                     M    M    M    M    M    M
//	 12 local time, hhmmss           M
//	 13 local date, MMDD             M
//	 22 entry mode, n3               M
//	 25 condition code, n2           M         M
//	 37 reference number, an12            o         o
//	 38 approval code, an6                o
//	 39 response code, an2                M         M         M
//	 41 terminal, ans8               M    M    M    M    M    M
//	 42 merchant, ans15              M    M    M    M    M    M
//	 49 currency, n3                 M    o    M    o
//	 55 ICC data, LLLVAR b..255      M    o
//	 70 network management, n3                           M    M
//	 90 original message, n42                  M
//
// Field 55 of a request holds, in this order and nothing else: 82 84 95 9A 9C 5F2A 5F34 9F02 9F03
// 9F10 9F16 9F1A 9F26 9F27 9F35 9F36 9F37 DF23. What stands in a field of its own too must be
// equal. Field 55 of an answer holds 91. No field of an answer names a bank, an account or a
// handle.
//
// A [Client] and what [Serve] runs are safe for concurrent use. The ISO 8583 library's own masks
// show what they can't read, so nothing of it is ever logged; PANs travel as emv.PAN, which doesn't
// print.
//
// Sources: ISO 8583:1987, clause 4 (message structure) and annexes A and B; EMV 4.3 Book 4, 12.1
// (authorisation messages); RFC 8446 (TLS 1.3).
package acquirer
