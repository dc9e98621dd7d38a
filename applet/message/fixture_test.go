package message_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"tapbench/applet/message"
)

// scalar returns a party's private key: SHA-256 of its name, the same in every run. These keys are
// public, and good for nothing but tests.
func scalar(name string) []byte {
	sum := sha256.Sum256([]byte("tapbench test key: " + name))
	return sum[:]
}

func signingKey(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar(name))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func kemKey(t testing.TB, name string) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().NewPrivateKey(scalar(name))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func public(t testing.TB, name string) message.PublicKey {
	t.Helper()
	return message.PublicKey(kemKey(t, name).PublicKey().Bytes())
}

// sign signs as RFC 6979 does, so that vectors don't change from run to run.
func sign(t testing.TB, name string, digest message.Hash) message.Signature {
	t.Helper()
	sig, err := message.SignRecorded(signingKey(t, name), digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := message.Verify(public(t, name), digest, sig); err != nil {
		t.Fatal(err)
	}
	return sig
}

// filled returns n bytes that count up from first, so that no field looks like another.
func filled(first byte, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = first + byte(i)
	}
	return out
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const (
	bankName = "BANK-A  "
	tsmName  = "TSM-1   "
	caName   = "CA-1    "
	userName = "alice           "
)

func party(name string) message.PartyID { return message.PartyID([]byte(name)) }
