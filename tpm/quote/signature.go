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
	r := reader{rest: signature}
	algorithm, hash := r.u16(), r.u16()
	rr, ss := r.sized("signature part", 32), r.sized("signature part", 32)
	if err := r.end("signature"); err != nil {
		return err
	}
	if algorithm != algECDSA || hash != algSHA256 {
		return fmt.Errorf("%w: algorithms %04X and %04X", ErrSignature, algorithm, hash)
	}
	digest := sha256.Sum256(attest)
	if !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(rr), new(big.Int).SetBytes(ss)) {
		return ErrSignature
	}
	return nil
}
