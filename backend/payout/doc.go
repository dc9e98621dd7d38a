// Package payout judges batches of offline claims: what a merchant's terminal took without a
// network and now wants paid. It has no state, no clock and no I/O; package tsm books what it says.
//
//	batch, err := payout.Open(request, tsm, ca) // a refusal of the whole batch: nothing was done
//	refused := claim.Check(batch)               // what one claim alone must say
//	d := standing.Decide(batch.Party, claim)    // beside what its token has paid before
//
// A claim's key is the hash over its statement's signed fields ([message.Spend.Digest],
// [message.Meter.Digest]). A second signature, or one that was malleated, is the same claim. A
// metering commitment is one account of ticks: a later claim for more of them pays the difference.
//
// That the TSM has issued a token isn't checked by its signature: whoever books looks tokID up,
// which is a hash over all that was signed.
//
// Source: paper B as docs/protocol.md has it, "Payment offline". All functions are safe for
// concurrent use.
package payout
