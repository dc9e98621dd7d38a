// Package bound keeps a state whose older copies are of no use: beside the file there is a value
// that nobody can put back, in an NV index of a TPM that can only be extended.
//
//	file, err := emulator.OpenFile(path)
//	store, err := bound.New(bound.Config{File: file, Anchor: index}) // index: tpm.Index
//	card, err := emulator.New(emulator.Config{Store: store})
//
// The file is magic || prev || state, prev being the index's value that the state was built on. A
// commit writes the file, extends the index by the SHA-256 of the whole file, and then returns:
// write, extend, answer. At the start
//
//	index = SHA-256(prev || SHA-256(file))  normal
//	index = prev                            cut between write and extend: extended now
//	anything else                           [ErrLocked]: the file is an older or a forked copy
//
// A locked state costs its owner that state and nobody money: what its tokens hold comes back at
// reclaim, after their expiry, and a new element is personalised. docs/rollback.md says how.
//
// The first state begins the index with a random value, so that no state of an earlier index fits
// it; its file says by its magic that it is the first one. A file that isn't bound is taken over
// once, as the first state of an index that was never written.
//
// A version beside a counter would not do: two states can have the same version. Package boundtest
// has that rule too, and its tests find the double spending.
//
// Sources: TPM 2.0 Library, revision 1.59, Part 3, clause 31.9 (NV_Extend); docs/protocol.md,
// "Rollback"; se_rollback.pml.
package bound
