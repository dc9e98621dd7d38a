// Package settlement says when money goes between the TSM and the banks: functions of an epoch and
// a time, and of nothing else. No purchase moves any of these instants.
//
// What is left of an epoch's accounts goes back once the epoch has ended and [Grace] is over, in
// one batch per bank: until then reversals and refunds may still come in.
//
//	for e := first; settlement.Due(e, now); e++ {
//		… // one batch for each bank
//	}
package settlement
