//go:build cgo

package bench

// withCgo says whether this build reaches readers.
const withCgo = true
