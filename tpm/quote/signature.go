package quote

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"fmt"
	"math/big"
)

// maxSignature is the longest TPMT_SIGNATURE in bytes: ECDSA on P-256 takes 72.
const maxSignature = 128

// verifySignature checks a TPMT_SIGNATURE over the TPMS_ATTEST. A TPM's signatures are checked as
// they come: s may be above half the order, other than in signatures of the payment protocol.
func verifySignature(key *ecdsa.PublicKey, attest, signature []byte) error {
	r, s, err := ParseSignature(signature)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(attest)
	if !ecdsa.Verify(key, digest[:], r, s) {
		return ErrSignature
	}
	return nil
}

// ParseSignature reads a TPMT_SIGNATURE by ECDSA over SHA-256 and returns its two numbers, each of
// at most 32 bytes. Errors: [ErrEvidence], [ErrSignature] for another algorithm.
func ParseSignature(signature []byte) (r, s *big.Int, err error) {
	in := newReader(signature)
	algorithm, hash := in.U16(), in.U16()
	rr, ss := in.sized("signature part", 32), in.sized("signature part", 32)
	if err := in.End("signature"); err != nil {
		return nil, nil, err
	}
	if algorithm != algECDSA || hash != algSHA256 {
		return nil, nil, fmt.Errorf("%w: algorithms %04X and %04X", ErrSignature, algorithm, hash)
	}
	return new(big.Int).SetBytes(rr), new(big.Int).SetBytes(ss), nil
}
