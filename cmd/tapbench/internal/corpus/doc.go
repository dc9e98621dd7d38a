// Package corpus makes the recordings in testdata/traces, and holds them against the code.
//
//	make traces                                  # makes them anew
//	go test ./cmd/tapbench/internal/corpus       # do they still say what the code does?
//
// It has tests alone. Each scenario is a dialogue of real parties in one process: the wallet, its
// software TPM, bank and TSM, a point of sale, and the card's emulator. What passes between them
// and the card is recorded and redacted as --trace does it.
//
// # Variation
//
// Go's randomness has a fixed seed in each scenario; the TPM's hasn't, and dates are those of the
// day. What may differ between two makings stands in the recordings under a mark that says so:
// nonces, keys, identities, dates, and all that is computed from them. Counters and the states of
// the card are marked too, since they depend on the card's past; here that is always the same, and
// so they must be. Everything outside of marks is compared byte for byte.
//
// A new recording is a row in scenarios and a run of make traces.
package corpus
