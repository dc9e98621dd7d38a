// Package shop is a terminal at work: it takes one order after the other, says what happens, and
// keeps the line to the TSM alive in between.
//
//	s, err := shop.Open(config, show)
//	event, err := s.Turn(ctx, order)      // one order
//	err = s.Run(ctx, inputs, ticker.C)    // signs on; orders until they end; signs off
//
// What it says are [Event]s. Those of a payment come in this order; a payment that breaks off
// leaves some out:
//
//	tap ──▶ hold ──▶ remove ──▶ receipt or error
//
// Whoever ends a shop, at any time, loses no payment: an order that is under way is brought to an
// end that the journal knows (see package terminal), and the next start takes up from there.
//
// A Shop belongs to one goroutine, in which it shows.
package shop
