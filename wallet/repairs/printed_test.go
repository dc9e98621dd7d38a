package repairs

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
)

// What the papers print: E(key, M), D(key, M) and SIGN(SK, M) over M1 || M2 || …, without types,
// labels or transcripts. The papers name no algorithms; these are today's.

// fields is M1 || M2 || …, kept apart.
type fields [][]byte

func join(parts ...string) fields {
	var f fields
	for _, part := range parts {
		f = append(f, []byte(part))
	}
	return f
}

func (f fields) encode(t *testing.T) []byte {
	t.Helper()
	raw, err := json.Marshal(f)
	check(t, err)
	return raw
}

func decodeFields(t *testing.T, raw []byte) fields {
	t.Helper()
	var f fields
	check(t, json.Unmarshal(raw, &f))
	return f
}

// pair is a role's one key pair. The papers sign and decrypt with the same.
type pair struct{ *ecdsa.PrivateKey }

func newPair(t *testing.T) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return pair{key}
}

// public is PK, 65 bytes.
func (p pair) public(t *testing.T) []byte {
	t.Helper()
	raw, err := p.PublicKey.Bytes()
	check(t, err)
	return raw
}

// signed is SIGN(SK, M): the message with its signature, r || s.
type signed struct{ body, signature []byte }

func (p pair) sign(t *testing.T, body []byte) signed {
	t.Helper()
	sum := sha256.Sum256(body)
	r, s, err := ecdsa.Sign(rand.Reader, p.PrivateKey, sum[:])
	check(t, err)
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed{body, signature}
}

func (m signed) verify(public []byte) bool {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), public)
	sum := sha256.Sum256(m.body)
	r, s := new(big.Int).SetBytes(m.signature[:32]), new(big.Int).SetBytes(m.signature[32:])
	return err == nil && ecdsa.Verify(key, sum[:], r, s)
}

// encryptTo is E(PK, M).
func encryptTo(t *testing.T, public, message []byte) []byte {
	t.Helper()
	point, err := ecdh.P256().NewPublicKey(public)
	check(t, err)
	key, err := hpke.NewDHKEMPublicKey(point)
	check(t, err)
	sealed, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES128GCM(), nil, message)
	check(t, err)
	return sealed
}

// decrypt is D(SK, M).
func (p pair) decrypt(t *testing.T, sealed []byte) []byte {
	t.Helper()
	point, err := p.ECDH()
	check(t, err)
	key, err := hpke.NewDHKEMPrivateKey(point)
	check(t, err)
	message, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES128GCM(), nil, sealed)
	check(t, err)
	return message
}

// sessionKey is a shared key K.
type sessionKey [16]byte

func newKey(t *testing.T) sessionKey {
	t.Helper()
	var k sessionKey
	_, err := rand.Read(k[:])
	check(t, err)
	return k
}

func (k sessionKey) aead(t *testing.T) cipher.AEAD {
	t.Helper()
	block, err := aes.NewCipher(k[:])
	check(t, err)
	aead, err := cipher.NewGCMWithRandomNonce(block)
	check(t, err)
	return aead
}

// encrypt is E(K, M).
func (k sessionKey) encrypt(t *testing.T, message []byte) []byte {
	t.Helper()
	return k.aead(t).Seal(nil, nil, message, nil)
}

// decrypt is D(K, M).
func (k sessionKey) decrypt(t *testing.T, sealed []byte) []byte {
	t.Helper()
	message, err := k.aead(t).Open(nil, nil, sealed, nil)
	check(t, err)
	return message
}

// recoverKeys returns the public keys under which a signature verifies: SEC 1 v2, 4.1.6. Whoever
// sees a signature and what it is over knows them.
func recoverKeys(t *testing.T, m signed) [][]byte {
	t.Helper()
	curve := elliptic.P256()
	order := curve.Params().N
	sum := sha256.Sum256(m.body)
	r, s := new(big.Int).SetBytes(m.signature[:32]), new(big.Int).SetBytes(m.signature[32:])
	inverse := new(big.Int).ModInverse(r, order)
	var keys [][]byte
	for _, sign := range []byte{2, 3} { // compressed points with r for their x
		point := append([]byte{sign}, r.FillBytes(make([]byte, 32))...)
		x, y := elliptic.UnmarshalCompressed(curve, point)
		if x == nil {
			continue
		}
		// Q = r^-1 (s R - e G)
		u1 := new(big.Int).Mul(new(big.Int).Neg(new(big.Int).SetBytes(sum[:])), inverse)
		u2 := new(big.Int).Mul(s, inverse)
		//nolint:staticcheck // the attack needs arithmetic on points, which no other package gives
		ax, ay := curve.ScalarBaseMult(u1.Mod(u1, order).Bytes())
		//nolint:staticcheck // likewise
		bx, by := curve.ScalarMult(x, y, u2.Mod(u2, order).Bytes())
		//nolint:staticcheck // likewise
		qx, qy := curve.Add(ax, ay, bx, by)
		//nolint:staticcheck // likewise
		keys = append(keys, elliptic.Marshal(curve, qx, qy))
	}
	return keys
}

// TestRecoverKeys holds the arithmetic against a known key.
func TestRecoverKeys(t *testing.T) {
	key := newPair(t)
	m := key.sign(t, []byte("M"))
	if !m.verify(key.public(t)) {
		t.Fatal("the signature doesn't verify")
	}
	found := false
	for _, public := range recoverKeys(t, m) {
		found = found || bytes.Equal(public, key.public(t))
	}
	if !found {
		t.Error("the key isn't among the recovered ones")
	}
}

var errRefused = errors.New("refused")

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
