// Package stormtest kills the servers and terminals of a bench at random moments under load, starts
// them again, and looks whether a payment was lost or doubled.
//
//	func TestMain(m *testing.M) { … os.Exit(stormtest.Main(m)) }
//
//	result, err := stormtest.Run(ctx, stormtest.Config{Dir: dir, Seed: 1, Kills: 50, Payments: 100})
//	result.Faults // nothing, if all is well
//
// Bank, TSM and terminals are processes: this program again, which [Main] makes run tapbench's own
// commands "bank serve", "tsm serve" and "terminal run". They are ended by SIGKILL. The users are
// here: each has a phone, which is an emulated element and the commands "wallet …", and pays at a
// terminal of his own. He opens an account, registers, gets cards and offline tokens, pays small
// amounts, and closes the account and registers anew when it is used up; the merchant gives back,
// voids, and closes the day now and then. While the TSM is gone payments are taken by token, at
// some terminals all of them; what a terminal has claims for is brought to the TSM when it was
// killed. Each terminal reaches its card through a Unix socket, by vpcd's protocol.
//
// Half of the kills wait until something has gone through since the last one, so that the storm
// gets on on a slow machine too; none waits for anything to end. The moments come from the seed.
// What happens at them is up to the machine: the same seed is the same choices, not the same run.
//
// When it is over the terminals finish what is open and close their day; all is stopped, and
// package examiner goes through the files. What the terminals have acknowledged was written down
// here, line by line as they printed it, and is held against the books, too.
//
// "make soak" is a storm of ten minutes, or of SOAK=1h. Ctrl-C ends it with the examination.
package stormtest
