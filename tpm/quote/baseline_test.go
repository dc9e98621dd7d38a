package quote_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"testing"
)

// baselineAttest is what evidence with a list of ten entries costs at least: one signature check,
// and the hashes that nobody can leave out. It uses nothing of ours.
func baselineAttest(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	attest := make([]byte, 145)
	digest := sha256.Sum256(attest)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	public, question, template := make([]byte, 88), make([]byte, 257), make([]byte, 65)
	b.ReportAllocs()
	for b.Loop() {
		digest := sha256.Sum256(attest)
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			b.Fatal("a good signature is refused")
		}
		name := sha256.Sum256(public)
		sha256.Sum256(name[:]) // the qualified name
		sha256.Sum256(question)
		var pcr [64]byte
		for range attestEntries {
			sha1.Sum(template)
			hash := sha256.Sum256(template)
			copy(pcr[32:], hash[:])
			value := sha256.Sum256(pcr[:])
			copy(pcr[:], value[:])
		}
		sha256.Sum256(pcr[:32]) // the PCR digest
	}
}
