package oda

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // what the lists of keys have
	"fmt"
	"time"
)

// RIDLen is the length of a registered application provider identifier, in bytes.
const RIDLen = 5

// CAKey is a payment system's public key (Book 2, 11.2.2).
type CAKey struct {
	RID    [RIDLen]byte
	Index  byte // tag 8F of the card names it
	Expiry time.Time
	Key    PublicKey
}

// Hash is SHA-1 over RID, index, modulus and exponent, which lists of keys carry so that a damaged
// key is seen (Book 2, 11.2.2, "check sum").
func (k CAKey) Hash() [hashLen]byte {
	h := sha1.New() //nolint:gosec // as above
	for _, part := range [][]byte{k.RID[:], {k.Index}, k.Key.Modulus, k.Key.Exponent} {
		h.Write(part)
	}
	return [hashLen]byte(h.Sum(nil))
}

// String names the key by its RID and index, such as "A000000003 92".
func (k CAKey) String() string { return fmt.Sprintf("%X %02X", k.RID, k.Index) }

// CAKeys are the keys that a terminal knows.
type CAKeys []CAKey

// Find returns the key of an application and an index, or false. The application's identifier
// begins with the RID.
func (k CAKeys) Find(aid []byte, index byte) (CAKey, bool) {
	for _, key := range k {
		if key.Index == index && bytes.HasPrefix(aid, key.RID[:]) {
			return key, true
		}
	}
	return CAKey{}, false
}
