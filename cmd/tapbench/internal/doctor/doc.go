// Package doctor finds out what would stop a tap on this machine, and names the command that mends
// it. It changes nothing and ends within a bounded time.
//
// A [Check] looks at one thing through a [Machine], which is the machine's files, programs,
// services and devices as they are or, in tests, as they might be. What it finds is a [Finding]:
// fine, a note (something isn't there that one can do without), or a problem (something is there
// and doesn't work). A [Way] is one way to a tap and names the checks that it rests on.
//
//	report := doctor.Examine(ctx, doctor.System(driver, classes), doctor.Demo)
//
// Sources: user_namespaces(7); the kernel's documentation of kernel.unprivileged_userns_clone
// (Debian's patch) and of AppArmor's kernel.apparmor_restrict_unprivileged_userns (Ubuntu 24.04
// release notes); pcscd(8) and pcsc-lite's doc/README.polkit; PC/SC Part 3 v2.01.09, 3.1.3.2.3, for
// the ATR of storage cards.
package doctor
