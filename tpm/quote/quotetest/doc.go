// Package quotetest makes quotes without a TPM, for tests: of verifiers, and of what stands above
// them. Its keys are in memory and prove nothing.
//
// What it makes is marshalled by go-tpm, whose structures know nothing of [tapbench/tpm/quote]: so
// the verifier isn't tested against its own idea of a TPM structure.
package quotetest
