// Package moneytest shows that money is conserved: a machine does at random what users, merchants,
// terminals, the TSM and a bank may do, and what may happen to them, and looks after each step
// whether every unit is in one place.
//
//	template := moneytest.New(t)
//	rapid.Check(t, template.Property(t, moneytest.Bugs{}, tally))
//
// All parties are real and in this process: wallets over emulated elements, terminals with their
// journals, and servers over SQLite files that lie in memory. An act withdraws, pays by token or by
// card, meters, settles, sends a batch again, closes a token, lets time pass, settles with the
// bank, or puts an older state of an element back. Meanwhile a request or an answer is lost, a
// server is killed before or behind a commit, a terminal before or behind a write, or the element's
// power is cut at a write; the tap is then taken again, or the customer has left.
//
// After each step the books must balance, the open units of all tokens must be what the TSM owes
// for them, and no terminal may have forgotten what it has acknowledged. Now and then, and at the
// end, package examiner goes through the files and follows every unit. At last all tokens expire:
// then each unit is paid or has come back.
//
// [Bugs] are planted beside the code that is tested, never in it. The checker finds each of them.
//
// What fails is printed as the shortest sequence of acts that rapid finds, with its seed.
// TAPBENCH_MONEY_SEED makes the choices of a run again.
package moneytest
