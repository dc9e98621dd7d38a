// Package dispute says who signed a payment, when he denies it: evidence in, identity out, and only
// with the word of two parties.
//
// A [Payment] is the evidence: a card, the TSM's signature over it, and what the card's key signed.
// It names nobody. The TSM opens it to a TSM account and to the commitment that its bank has
// funded; the bank opens that commitment to a bank account ID and to a person. Neither can do the
// other's part, and the bank is told of a handle only, nothing of the payment. The two openings
// together are an [Outcome]:
//
//	SIG(SK_V, "tap")     the payment, by the card's key
//	SIG(SK_TID, "roll")  the card's key, by the TSM account
//	c_T, rho             the TSM account, committed to
//	SIG(SK_AID, "binfo") the commitment, by the bank account ID
//	aid-key, aid-bind    the bank account ID, by an element and by the user
//	CERT_U               the user, by the CA
//
// [Outcome.Verify] follows the whole chain with the CA's key alone, takes no party's word for a
// link, and needs no network. With a sound element nobody else can make that chain, whatever other
// keys he holds.
//
// Each opening is signed by the party that made it and is an [Entry] of its log, which is a chain
// of hashes: an opening can't be denied or left out later ([VerifyLog]).
//
// Identity is a hash over signed fields, never over a signature: ECDSA signatures are malleable.
package dispute
