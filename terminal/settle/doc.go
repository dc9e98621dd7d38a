// Package settle brings what a terminal took offline to the TSM: payout requests out of the
// terminal's claims, in batches that the merchant signs.
//
//	s := settle.Settler{Claims: journal, TSM: client, ID: tsm, Key: key, Certificate: cert}
//	done, err := s.Settle(ctx) // what was paid, what was refused and why
//
// A batch is written down before it is sent. Wherever a run ends, the next one sends the batches
// that have no answer again, as they were: the TSM pays a claim once. A claim is refused by itself,
// with a reason; only a batch that is wrong as a whole is given up, and its claims wait for the
// next one.
//
// Of a metering commitment's ticks, each of which is a claim in the journal, only the highest of a
// batch is sent: it claims the others too.
package settle
