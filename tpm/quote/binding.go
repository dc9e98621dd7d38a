package quote

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
)

// Purpose is what a quote is asked for: the first byte of its binding.
type Purpose byte

// The purposes.
const (
	PurposeAID      Purpose = 1 // opening an anonymous bank account
	PurposeBINFO    Purpose = 2 // inside BINFO, at the registration with a TSM
	PurposeLaunch   Purpose = 3 // start of the wallet, judged by the secure element
	PurposeDownload Purpose = 4 // before a release is installed
)

// String returns the purpose's name.
func (p Purpose) String() string {
	switch p {
	case PurposeAID:
		return "aid"
	case PurposeBINFO:
		return "binfo"
	case PurposeLaunch:
		return "launch"
	case PurposeDownload:
		return "download"
	default:
		return fmt.Sprintf("purpose %d", byte(p))
	}
}

// Lengths in bytes.
const (
	NonceSize     = 16  // a verifier's nonce
	PointSize     = 65  // an uncompressed point on P-256
	MaxSoftwareID = 255 // a software identity
)

const bindingLabel = "tapbench/1 quote"

// Binding is the question that a quote answers. Who asks fills it in; nothing of it is taken from
// the evidence.
type Binding struct {
	Purpose Purpose
	// Nonce is the judge's, 16 bytes: the bank's or the secure element's.
	Nonce []byte
	// SID is the session identity; zero where the secure element judges.
	SID [16]byte
	// SoftwareID names the software that the quote is about, 1..255 bytes.
	SoftwareID string
	// AK and SE are the public keys of the attestation key and the secure element, AID the signing
	// key of the anonymous account or empty: uncompressed points, 65 bytes.
	AK, SE, AID []byte
}

// QualifyingData returns what goes into a quote as its qualifying data (extraData in TPMS_ATTEST):
// SHA-256 over
//
//	label         16    "tapbench/1 quote"
//	purpose        1
//	nonce         16
//	SID           16
//	software id 1 + n   length, then the bytes
//	PK_AK         65
//	PK_SE         65
//	PK_AID     0 or 65
//
// A nonce that isn't 16 bytes is [ErrNonce]; every other part that isn't as described is
// [ErrBinding].
func QualifyingData(b Binding) ([32]byte, error) {
	if len(b.Nonce) != NonceSize {
		return [32]byte{}, fmt.Errorf("%w: it has %d", ErrNonce, len(b.Nonce))
	}
	if b.Purpose < PurposeAID || b.Purpose > PurposeDownload {
		return [32]byte{}, fmt.Errorf("%w: %v", ErrBinding, b.Purpose)
	}
	if len(b.SoftwareID) == 0 || len(b.SoftwareID) > MaxSoftwareID {
		return [32]byte{}, fmt.Errorf("%w: software identity of %d bytes", ErrBinding, len(b.SoftwareID))
	}
	keys := [][]byte{b.AK, b.SE}
	if len(b.AID) != 0 {
		keys = append(keys, b.AID)
	}
	in := make([]byte, 0, len(bindingLabel)+1+NonceSize+len(b.SID)+1+len(b.SoftwareID)+3*PointSize)
	in = append(in, bindingLabel...)
	in = append(in, byte(b.Purpose))
	in = append(in, b.Nonce...)
	in = append(in, b.SID[:]...)
	in = append(in, byte(len(b.SoftwareID)))
	in = append(in, b.SoftwareID...)
	for _, key := range keys {
		if _, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key); err != nil {
			return [32]byte{}, fmt.Errorf("%w: key of %d bytes is no point on P-256", ErrBinding, len(key))
		}
		in = append(in, key...)
	}
	return sha256.Sum256(in), nil
}
