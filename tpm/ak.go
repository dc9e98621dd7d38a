package tpm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm/credential"
	"tapbench/tpm/quote"
)

// SeedSize is the length of an attestation key's seed in bytes.
const SeedSize = 32

// AK is an attestation key: a restricted ECC P-256 key that signs with ECDSA and SHA-256, a primary
// key of the endorsement hierarchy. The TPM makes it from its own endorsement seed and the seed
// given here, the same key each time until it is cleared; the seed is no secret. Nothing of it
// stays loaded.
type AK struct {
	quote.AK
	seed [SeedSize]byte
}

// akTemplate is the key's template; the seed stands where the public point will be.
func akTemplate(seed [SeedSize]byte) tpm2.TPMTPublic {
	return tpm2.TPMTPublic{
		Type:    tpm2.TPMAlgECC,
		NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{
			FixedTPM:            true,
			FixedParent:         true,
			SensitiveDataOrigin: true,
			UserWithAuth:        true,
			NoDA:                true, // its authorisation is empty: nothing to guess
			Restricted:          true,
			SignEncrypt:         true,
		},
		Parameters: tpm2.NewTPMUPublicParms(tpm2.TPMAlgECC, &tpm2.TPMSECCParms{
			Scheme: tpm2.TPMTECCScheme{
				Scheme: tpm2.TPMAlgECDSA,
				Details: tpm2.NewTPMUAsymScheme(tpm2.TPMAlgECDSA,
					&tpm2.TPMSSigSchemeECDSA{HashAlg: tpm2.TPMAlgSHA256}),
			},
			CurveID: tpm2.TPMECCNistP256,
		}),
		Unique: tpm2.NewTPMUPublicID(tpm2.TPMAlgECC, &tpm2.TPMSECCPoint{
			X: tpm2.TPM2BECCParameter{Buffer: seed[:]},
			Y: tpm2.TPM2BECCParameter{Buffer: make([]byte, SeedSize)},
		}),
	}
}

// AK returns the attestation key of a seed. Enrol it once and keep the seed.
func (t *TPM) AK(ctx context.Context, seed [SeedSize]byte) (AK, error) {
	var out AK
	err := t.do(ctx, func(bus transport.TPM) error {
		return withPrimary(bus, seed, func(_ tpm2.TPMHandle, public []byte) error {
			key, err := quote.ParseAK(public)
			out = AK{AK: key, seed: seed}
			return err
		})
	})
	if err != nil {
		return AK{}, fmt.Errorf("making the attestation key: %w", err)
	}
	return out, nil
}

// withPrimary makes the key of a seed, calls use, and flushes the key.
func withPrimary(
	bus transport.TPM, seed [SeedSize]byte, use func(handle tpm2.TPMHandle, public []byte) error,
) (err error) {
	rsp, err := tpm2.CreatePrimary{
		PrimaryHandle: tpm2.AuthHandle{Handle: tpm2.TPMRHEndorsement, Auth: tpm2.PasswordAuth(nil)},
		InPublic:      tpm2.New2B(akTemplate(seed)),
	}.Execute(bus)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, flush(bus, rsp.ObjectHandle)) }()
	return use(rsp.ObjectHandle, rsp.OutPublic.Bytes())
}

// withAK loads the key, checks that it is still the same, and flushes it after use.
func withAK(bus transport.TPM, ak AK, use func(tpm2.AuthHandle) error) error {
	return withPrimary(bus, ak.seed, func(handle tpm2.TPMHandle, public []byte) error {
		if !bytes.Equal(public, ak.Public()) {
			return ErrAK
		}
		name := ak.Name()
		return use(tpm2.AuthHandle{
			Handle: handle, Name: tpm2.TPM2BName{Buffer: name[:]}, Auth: tpm2.PasswordAuth(nil),
		})
	})
}

// ActivateCredential opens a verifier's challenge ([credential.Make]) and returns its secret: the
// proof that this TPM has both the endorsement key and the attestation key that the challenge was
// made for. Errors: [ErrCredential], [ErrAK], [ErrEK], [credential.ErrChallenge].
func (t *TPM) ActivateCredential(
	ctx context.Context, ak AK, challenge credential.Challenge,
) ([]byte, error) {
	if err := challenge.Check(); err != nil {
		return nil, err
	}
	var secret []byte
	err := t.do(ctx, func(bus transport.TPM) error {
		return t.withEK(bus, func(ek *endorsementKey) error {
			return withAK(bus, ak, func(handle tpm2.AuthHandle) error {
				rsp, err := tpm2.ActivateCredential{
					ActivateHandle: handle,
					KeyHandle: tpm2.AuthHandle{
						Handle: ek.handle, Name: ek.name,
						Auth: tpm2.Policy(tpm2.TPMAlgSHA256, nonceSize, authorizeEK),
					},
					CredentialBlob: tpm2.TPM2BIDObject{Buffer: challenge.IDObject},
					Secret:         tpm2.TPM2BEncryptedSecret{Buffer: challenge.Seed},
				}.Execute(bus)
				if err != nil {
					return refusedCredential(err)
				}
				secret = bytes.Clone(rsp.CertInfo.Buffer)
				return nil
			})
		})
	})
	if err != nil {
		return nil, fmt.Errorf("activating the credential: %w", err)
	}
	return secret, nil
}

// authorizeEK satisfies the EK's policy: knowledge of the endorsement hierarchy's authorisation,
// which is empty.
func authorizeEK(bus transport.TPM, session tpm2.TPMISHPolicy, nonce tpm2.TPM2BNonce) error {
	_, err := tpm2.PolicySecret{
		AuthHandle:    tpm2.AuthHandle{Handle: tpm2.TPMRHEndorsement, Auth: tpm2.PasswordAuth(nil)},
		PolicySession: session,
		NonceTPM:      nonce,
	}.Execute(bus)
	return err
}

// refusedCredential finds the meaning of a refusal: the HMAC is wrong for another attestation key
// or changed bytes (TPM_RC_INTEGRITY), the seed can't be decrypted by another endorsement key
// (TPM_RC_VALUE; libtpms says TPM_RC_FAILURE and goes on working), or a length within is wrong
// (TPM_RC_SIZE).
func refusedCredential(err error) error {
	for _, code := range []tpm2.TPMRC{
		tpm2.TPMRCIntegrity, tpm2.TPMRCValue, tpm2.TPMRCFailure, tpm2.TPMRCSize,
	} {
		if errors.Is(err, code) {
			return fmt.Errorf("%w: %w", ErrCredential, err)
		}
	}
	return err
}
