package saved

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/statefile/bound"
)

// ErrForeign means that a store holds something else than a secure element's state of this version,
// or a damaged one. Nothing was changed. Name another file, or remove it to begin with a new card.
var ErrForeign = errors.New("not a secure element's state")

const (
	name    = "TAPBSE"
	version = "\x00\x05"
	magic   = name + version
	// Overhead is how much longer a state is than its fields, in bytes.
	Overhead = len(magic) + sha256.Size
)

// Encode returns a state with these fields.
func Encode(fields []byte) []byte {
	out := append(make([]byte, 0, Overhead+len(fields)), magic...)
	out = append(out, fields...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// Decode returns the fields of a state, which are a part of raw and must have this length in bytes.
// It refuses other bytes by [ErrForeign], and a state that is bound by [bound.ErrBound]: whoever
// opens it without its index can't know whether it is the latest one.
func Decode(raw []byte, length int) (fields []byte, err error) {
	if _, isBound := bound.Peek(raw); isBound {
		return nil, bound.ErrBound
	}
	rest, ours := bytes.CutPrefix(raw, []byte(name))
	if ours && len(rest) > len(version) && string(rest[:len(version)]) != version {
		return nil, fmt.Errorf("%w: it is of version %d, this program's is %d", ErrForeign,
			int(rest[0])<<8|int(rest[1]), version[1])
	}
	if length < 0 || len(raw) != Overhead+length || !bytes.HasPrefix(raw, []byte(magic)) {
		return nil, fmt.Errorf("%w: %d bytes, other beginning or length", ErrForeign, len(raw))
	}
	body := raw[:len(raw)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], raw[len(body):]) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrForeign)
	}
	return body[len(magic):], nil
}
