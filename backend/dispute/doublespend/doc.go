// Package doublespend holds the proof that an element has spent units of an offline token twice:
// two statements by one token's key, of which an honest element signs at most one. Who has the
// TSM's public key verifies it, without a network and without any party's word.
//
//	found, err := doublespend.New(token, first, second).Check(tsmKey)
//
// An element moves its index before it signs, so it never signs
//
//	(a) two intervals that share a unit, spent or committed to, unless all signed fields are equal;
//	(b) a close at j, and a spend that ends behind j;
//	(c) a close at j, and a tick w_k with k > j.
//
// In (a) a metering commitment counts up to Max, ticked or not: the index moves there when it is
// signed. In (c) it counts up to what was shown, w_k, never up to Max: an element that is stopped
// after k ticks closes at k, honestly, below Max.
//
// Anything else is refused by name. The same signed fields twice are a retry, or one signature made
// into another: ECDSA is malleable, and no signature is an identity. Two closes at different
// indices prove a broken element, but no unit was spent twice by them: one refund is paid for a
// token, and what was spent or ticked behind the lower close is evidence with that one. A spend
// behind a commitment breaks the rules too, and harms nobody but its payer.
//
// Source: docs/protocol.md, "Units that were spent twice", and the models spend, meter and
// spend_meter, whose judge this is. All functions are safe for concurrent use.
package doublespend
