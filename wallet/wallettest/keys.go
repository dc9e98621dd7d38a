package wallettest

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"tapbench/applet/emulator"
	"tapbench/applet/message"
)

// KeyRing makes an element's private keys and remembers them, so that a test can sign and open what
// only the element can.
type KeyRing struct {
	keys map[message.PublicKey]*ecdh.PrivateKey
}

var _ emulator.KeySource = (*KeyRing)(nil)

// PrivateKey implements [emulator.KeySource].
func (k *KeyRing) PrivateKey() ([32]byte, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return [32]byte{}, err
	}
	k.keys[message.PublicKey(key.PublicKey().Bytes())] = key
	return [32]byte(key.Bytes()), nil
}

// KEM returns the private key of a public one that the element has made.
func (k *KeyRing) KEM(t testing.TB, public message.PublicKey) *ecdh.PrivateKey {
	t.Helper()
	key, ok := k.keys[public]
	if !ok {
		t.Fatalf("the element didn't make key %x", public[:8])
	}
	return key
}

// Sign returns the same key, for signing.
func (k *KeyRing) Sign(t testing.TB, public message.PublicKey) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), k.KEM(t, public).Bytes())
	check(t, err)
	return key
}

// ElementStore keeps an element's state where a test can see it. A copy of it is the same element
// at that time.
type ElementStore struct{ State []byte }

var _ emulator.Store = (*ElementStore)(nil)

// Load implements [emulator.Store].
func (e *ElementStore) Load() ([]byte, error) { return e.State, nil }

// Commit implements [emulator.Store].
func (e *ElementStore) Commit(state []byte) error {
	e.State = append([]byte(nil), state...)
	return nil
}
