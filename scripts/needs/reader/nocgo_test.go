//go:build !cgo

package reader_test

// hasCgo says that the tests were built without cgo, and so without a way to talk to pcscd.
const hasCgo = false
