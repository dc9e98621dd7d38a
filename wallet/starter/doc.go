// Package starter is what starts the wallet: it measures the program first, so that the wallet
// never vouches for itself (protocol.md, phase 1).
//
// A [Machine] is the phone's TPM and its measurement list. [Machine.Start] does what happens when a
// program is started: an entry for PCR 10 and its list if the file isn't there yet, as a kernel's
// IMA does it, then PCR 23 is reset and extended with the file's digest. Any local program can do
// the latter; only the former counts as evidence. Where the list is the kernel's own, below /sys,
// the kernel has made the entry.
//
//	program, err := starter.Open("bin/tapbench")
//	err = machine.Start(ctx, program.Entry)
//	err = program.Exec(args, env) // the file that was measured, in this process's place
//
// Two starters on one TPM take turns, and no wallet quotes while PCR 23 is between its reset and
// its extension: both hold a lock, LIST.lock.
package starter
