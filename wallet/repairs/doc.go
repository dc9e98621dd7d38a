// Package repairs has tests alone: one for each of the sixteen repairs that docs/claims.md lists.
//
//	go test ./wallet/repairs -run 'Repair03$' -v
//
// Each test carries out an attack twice. First on the messages as the papers print them: the papers
// come without code, so printed_test.go has their three operations E(key, M), D(key, M) and
// SIGN(SK, M), and each test builds the few messages that its attack needs. There the attack must
// succeed, or the repair would mend nothing. Then on what this repository runs: a real wallet, the
// emulated element, a software TPM, bank and TSM of package wallettest. There it must fail, at a
// place that the test names, and nothing may have moved.
//
// The attacker has what the paper's or the protocol's model gives to him: the network, the host, or
// all keys of one party. Where a test opens messages with the keys of the party that it plays, that
// party's role begins at the name of the variable.
package repairs
