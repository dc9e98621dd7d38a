package seed

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
)

// MaxLen is the longest seed that commands take, in bytes.
const MaxLen = 64

// Purpose keeps what is drawn from one seed apart.
type Purpose string

// The purposes.
const (
	Authority Purpose = "authority" // the test CA's keys
	Issuer    Purpose = "issuer"    // the issuer's master keys
	Card      Purpose = "card"      // a card's account number, keys and serial numbers
)

// Reader returns the bytes of a seed for a purpose: ChaCha8 (math/rand/v2, whose output doesn't
// change) under the SHA-256 hash of both. It never ends and has no errors.
func Reader(seed string, p Purpose) io.Reader {
	key := sha256.Sum256([]byte("tapbench seed v1\x00" + string(p) + "\x00" + seed))
	return rand.NewChaCha8(key)
}
