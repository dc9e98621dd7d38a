package message

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"tapbench/applet/wire"
)

// What can be wrong with a key or a signature.
var (
	// ErrKey means that 65 bytes aren't an uncompressed point of P-256.
	ErrKey = errors.New("not a P-256 public key")
	// ErrSignature means that a signature doesn't verify: wrong key, wrong fields, wrong transcript
	// or another message type. Nothing that it covered may be used.
	ErrSignature = errors.New("signature doesn't verify")
	// ErrHighS means that s > n/2. The other half of the pair is valid too, so this form is refused.
	ErrHighS = errors.New("signature isn't in its low-s form")
)

// PublicKey is a P-256 public key, 04 || X || Y (SEC 1 v2, 2.3.3).
type PublicKey [wire.PointLen]byte

// NewPublicKey returns the encoding of a P-256 key.
func NewPublicKey(key *ecdsa.PublicKey) (PublicKey, error) {
	raw, err := key.Bytes()
	if err != nil || len(raw) != wire.PointLen {
		return PublicKey{}, ErrKey
	}
	return PublicKey(raw), nil
}

// ECDSA returns the key for verification, or [ErrKey].
func (k PublicKey) ECDSA() (*ecdsa.PublicKey, error) {
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), k[:])
	if err != nil {
		return nil, ErrKey
	}
	return key, nil
}

// ECDH returns the key for agreement, or [ErrKey].
func (k PublicKey) ECDH() (*ecdh.PublicKey, error) {
	key, err := ecdh.P256().NewPublicKey(k[:])
	if err != nil {
		return nil, ErrKey
	}
	return key, nil
}

// Signature is an ECDSA signature over SHA-256, r || s, with s <= n/2. It is no identity: two
// valid signatures of one message may differ.
type Signature [wire.SignatureLen]byte

// Sign signs a digest and normalises s.
func Sign(key *ecdsa.PrivateKey, digest Hash) (Signature, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	return NewSignature(r, s), nil
}

// SignRecorded signs a digest without chance, as RFC 6979 says for SHA-256: for dialogues that are
// to be had again.
func SignRecorded(key *ecdsa.PrivateKey, digest Hash) (Signature, error) {
	der, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return Signature{}, fmt.Errorf("signing: %w", err)
	}
	return NewSignature(pair.R, pair.S), nil
}

// NewSignature encodes r and s of P-256, each in 1 to n-1, with s in its lower half.
func NewSignature(r, s *big.Int) Signature {
	order := elliptic.P256().Params().N
	if isHigh(s) {
		s = new(big.Int).Sub(order, s)
	}
	var sig Signature
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return sig
}

// Verify checks a signature over a digest. It returns [ErrKey], [ErrHighS] or [ErrSignature].
func Verify(key PublicKey, digest Hash, sig Signature) error {
	pub, err := key.ECDSA()
	if err != nil {
		return err
	}
	return VerifyParsed(pub, digest, sig)
}

// VerifyParsed is [Verify] for a key that [PublicKey.ECDSA] has parsed, such as an issuer's that is
// used again and again. It returns [ErrHighS] or [ErrSignature].
func VerifyParsed(pub *ecdsa.PublicKey, digest Hash, sig Signature) error {
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	if isHigh(s) {
		return ErrHighS
	}
	if !ecdsa.Verify(pub, digest[:], r, s) {
		return ErrSignature
	}
	return nil
}

func isHigh(s *big.Int) bool {
	half := new(big.Int).Rsh(elliptic.P256().Params().N, 1)
	return s.Cmp(half) > 0
}
