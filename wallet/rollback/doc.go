// Package rollback holds the tests that bind a state to a real TPM's NV index, put every older copy
// back and kill what writes it. The code is in applet/statefile/bound and tpm, which don't know
// each other.
package rollback
