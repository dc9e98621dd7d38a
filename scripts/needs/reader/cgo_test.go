//go:build cgo

package reader_test

// hasCgo says that the tests were built with cgo, without which nobody talks to pcscd.
const hasCgo = true
