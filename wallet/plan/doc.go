// Package plan says what a wallet does next, and when: a function of what it knows, the time and
// its own schedule. It does nothing itself.
//
//	steps := plan.Next(outlook, plan.DefaultPolicy(), plan.Schedule{Seed: seed})
//	// steps[0] is the next one; it is due when its time isn't after the outlook's
//
// What a server hears of happens at instants. They are drawn from the wallet's seed, uniform in
// windows that are the same for all wallets: one for each epoch's start, in which accounts are
// registered and cards renewed, and one for each slot of an hour, in which cards are refilled. No
// payment moves an instant; it only decides whether there is something to do at the next one. So
// what a server sees is that a wallet paid some time since its last instant, never when.
//
// Words: an outlook is all that the wallet knows; an account's rest is the least that is left in
// it, since a wallet knows what a tap may have taken and not what it took.
package plan
