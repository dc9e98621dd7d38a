// Package tpm is "tapbench tpm": look at a TPM, measure, quote, and judge evidence.
package tpm
