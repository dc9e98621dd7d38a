package credential_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"
	"testing/iotest"

	"tapbench/tpm/credential"
)

func TestMake_refuses(t *testing.T) {
	long, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]*rsa.PublicKey{
		"no key": nil, "an empty key": {}, "a longer key": &long.PublicKey,
	} {
		if _, err := credential.Make(rand.Reader, key, [34]byte{}, [32]byte{}); !errors.Is(err,
			credential.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
	broken := iotest.ErrReader(errors.New("no randomness"))
	if _, err := credential.Make(broken, newKey(t).Public().(*rsa.PublicKey), [34]byte{},
		[32]byte{}); err == nil {
		t.Error("made without randomness")
	}
}

func TestChallenge_Check(t *testing.T) {
	good := credential.Challenge{IDObject: make([]byte, 68), Seed: make([]byte, 256)}
	if err := good.Check(); err != nil {
		t.Errorf("right lengths: %v", err)
	}
	for _, c := range []credential.Challenge{
		{},
		{IDObject: good.IDObject},
		{IDObject: make([]byte, 67), Seed: good.Seed},
		{IDObject: good.IDObject, Seed: make([]byte, 257)},
	} {
		if err := c.Check(); !errors.Is(err, credential.ErrChallenge) {
			t.Errorf("%d and %d bytes: got %v", len(c.IDObject), len(c.Seed), err)
		}
	}
}

// TestMake_opens opens a challenge as Part 1, clause 24 tells a TPM to, written here from the
// clause and with nothing of go-tpm. That a TPM opens it is tested in package tpm.
func TestMake_opens(t *testing.T) {
	key := newKey(t)
	name := [34]byte{0, 0x0B, 1, 2, 3}
	secret := [32]byte{9, 8, 7}
	c, err := credential.Make(iotest.OneByteReader(rand.Reader), &key.PublicKey, name, secret)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := rsa.DecryptOAEP(sha256.New(), nil, key, c.Seed, []byte("IDENTITY\x00"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, kdfa(seed, "INTEGRITY", nil, 256))
	mac.Write(c.IDObject[34:])
	mac.Write(name[:])
	if !bytes.Equal(mac.Sum([]byte{0, 32}), c.IDObject[:34]) {
		t.Error("the HMAC is wrong")
	}
	block, err := aes.NewCipher(kdfa(seed, "STORAGE", name[:], 128))
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, 34)
	//nolint:staticcheck // the standard's mode
	cipher.NewCFBDecrypter(block, make([]byte, 16)).XORKeyStream(plain, c.IDObject[34:])
	if !bytes.Equal(plain, append([]byte{0, 32}, secret[:]...)) {
		t.Errorf("got %x", plain)
	}
	if !credential.Answered(secret, plain[2:]) {
		t.Error("the right secret isn't an answer")
	}
	if credential.Answered(secret, nil) || credential.Answered(secret, plain[1:33]) {
		t.Error("another secret is an answer")
	}
}

// kdfa is KDFa of Part 1, clause 11.4, for results of one SHA-256 block or less.
func kdfa(key []byte, label string, context []byte, bits uint32) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte{0, 0, 0, 1})
	mac.Write([]byte(label + "\x00"))
	mac.Write(context)
	mac.Write(binary.BigEndian.AppendUint32(nil, bits))
	return mac.Sum(nil)[:bits/8]
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
