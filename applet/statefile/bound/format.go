package bound

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// Size is the length of digests and of the index's value in bytes: SHA-256.
const Size = sha256.Size

// What a file begins with: seven bytes and what it is.
const (
	magic     = "TBBOUND"
	kindFirst = 1 // the first state of an index
	kindLater = 2
	// Overhead is how much longer a bound file is than its state, in bytes.
	Overhead = len(magic) + 1 + Size
)

// content is a bound file, parsed.
type content struct {
	kind  byte
	prev  [Size]byte
	state []byte
}

func (c content) encode() []byte {
	out := append(make([]byte, 0, Overhead+len(c.state)), magic...)
	out = append(out, c.kind)
	out = append(out, c.prev[:]...)
	return append(out, c.state...)
}

// parse returns false for a file that isn't a bound one. A bound one of another kind, or one that
// is too short, is an error.
func parse(file []byte) (c content, ok bool, err error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok {
		return c, false, nil
	}
	if len(file) < Overhead || rest[0] != kindFirst && rest[0] != kindLater {
		return c, true, fmt.Errorf("%w: %w: damaged in its first %d bytes", ErrLocked, ErrPutBack,
			Overhead)
	}
	c.kind = rest[0]
	c.state = rest[1+copy(c.prev[:], rest[1:]):]
	return c, true, nil
}

// Peek returns the state in a file without asking anybody whether it is the latest one, and whether
// it is bound at all: for looking only. A file that isn't bound is its own state.
func Peek(file []byte) (state []byte, bound bool) {
	c, ok, err := parse(file)
	if !ok || err != nil {
		return file, ok
	}
	return c.state, true
}

// Extended returns the value of an index after it was extended by digest: SHA-256(value || digest).
func Extended(value, digest [Size]byte) [Size]byte {
	return sha256.Sum256(append(value[:], digest[:]...))
}
