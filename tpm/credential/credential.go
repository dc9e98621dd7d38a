package credential

import (
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"github.com/google/go-tpm/tpm2"
)

// Lengths in bytes.
const (
	SecretSize = 32 // the secret that a challenge carries
	NameSize   = 34 // a Name of name algorithm SHA-256
	idSize     = 2 + 32 + 2 + SecretSize
	seedSize   = 256
)

// ErrKey means that the endorsement key isn't RSA-2048 with exponent 65537.
var ErrKey = errors.New("endorsement key isn't RSA-2048")

// ErrChallenge means that a challenge's parts don't have their lengths.
var ErrChallenge = errors.New("malformed credential challenge")

// Challenge is what the verifier sends: 324 bytes that only the right TPM can open.
type Challenge struct {
	// IDObject is the TPMS_ID_OBJECT: an HMAC and the encrypted secret, 68 bytes. It goes into
	// TPM2_ActivateCredential as credentialBlob.
	IDObject []byte
	// Seed is the seed of both keys, encrypted to the EK by RSA-OAEP, 256 bytes. It goes in as
	// secret.
	Seed []byte
}

// Check says whether both parts have their lengths.
func (c Challenge) Check() error {
	if len(c.IDObject) != idSize || len(c.Seed) != seedSize {
		return fmt.Errorf("%w: parts of %d and %d bytes", ErrChallenge, len(c.IDObject), len(c.Seed))
	}
	return nil
}

// Make makes a challenge for the TPM that has the endorsement key and an attestation key of that
// Name: it is what TPM2_MakeCredential computes. The endorsement key is taken to have the public
// area that the EK credential profile gives RSA-2048 keys (template L-1: SHA-256, AES-128 in CFB
// mode).
//
// A secret is used for one challenge only.
func Make(
	random io.Reader, ek *rsa.PublicKey, name [NameSize]byte, secret [SecretSize]byte,
) (Challenge, error) {
	if ek == nil || ek.N == nil || ek.N.BitLen() != 2048 || ek.E != 65537 {
		return Challenge{}, ErrKey
	}
	public := tpm2.RSAEKTemplate
	public.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgRSA,
		&tpm2.TPM2BPublicKeyRSA{Buffer: ek.N.FillBytes(make([]byte, seedSize))})
	key, err := tpm2.ImportEncapsulationKey(&public)
	if err != nil {
		return Challenge{}, fmt.Errorf("importing the endorsement key: %w", err)
	}
	idObject, seed, err := tpm2.CreateCredential(fullReader{random}, key, name[:], secret[:])
	if err != nil {
		return Challenge{}, fmt.Errorf("making the credential: %w", err)
	}
	challenge := Challenge{IDObject: idObject, Seed: seed}
	return challenge, challenge.Check()
}

// Answered reports in constant time whether what came back is the secret that was sent.
func Answered(secret [SecretSize]byte, answer []byte) bool {
	return subtle.ConstantTimeCompare(secret[:], answer) == 1
}

// fullReader fills every read: go-tpm refuses randomness that comes in pieces.
type fullReader struct{ io.Reader }

// Read fills p or fails.
func (r fullReader) Read(p []byte) (int, error) { return io.ReadFull(r.Reader, p) }
