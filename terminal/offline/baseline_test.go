package offline_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
)

// twoSignatures checks two ECDSA signatures over P-256 by two keys that are at hand.
func twoSignatures(b *testing.B) {
	var keys [2]*ecdsa.PrivateKey
	var digests, sigs [2][]byte
	for i := range keys {
		var err error
		if keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			b.Fatal(err)
		}
		sum := sha256.Sum256([]byte{byte(i)})
		digests[i] = sum[:]
		if sigs[i], err = ecdsa.SignASN1(rand.Reader, keys[i], digests[i]); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for i, key := range keys {
			if !ecdsa.VerifyASN1(&key.PublicKey, digests[i], sigs[i]) {
				b.Fatal("not accepted")
			}
		}
	}
}

// oneHash hashes 52 bytes.
func oneHash(b *testing.B) {
	var in [52]byte
	for b.Loop() {
		sum := sha256.Sum256(in[:])
		copy(in[20:], sum[:])
	}
}
