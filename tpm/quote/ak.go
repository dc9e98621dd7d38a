package quote

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// TPM_ALG_ID and TPM_ECC_CURVE values (Part 2, clauses 6.3 and 6.4).
const (
	algSHA256 = 0x000B
	algNull   = 0x0010
	algECDSA  = 0x0018
	algECC    = 0x0023
	curveP256 = 0x0003
)

// TPMA_OBJECT bits (Part 2, clause 8.3).
const (
	attrFixedTPM             = 1 << 1
	attrFixedParent          = 1 << 4
	attrSensitiveDataOrigin  = 1 << 5
	attrEncryptedDuplication = 1 << 11
	attrRestricted           = 1 << 16
	attrDecrypt              = 1 << 17
	attrSign                 = 1 << 18
	attrX509Sign             = 1 << 19

	attrOwn       = attrFixedTPM | attrFixedParent | attrSensitiveDataOrigin
	attrRequired  = attrOwn | attrRestricted | attrSign
	attrForbidden = attrEncryptedDuplication | attrDecrypt | attrX509Sign
)

// maxPublic is the longest TPMT_PUBLIC of an AK in bytes: ours has 88.
const maxPublic = 256

// endorsement is TPM_RH_ENDORSEMENT.
const endorsement = 0x4000000B

// AK is an attestation key's public area: a restricted ECC P-256 key that signs with ECDSA and
// SHA-256. Only [ParseAK] makes one.
type AK struct {
	public []byte
	point  [65]byte
	key    *ecdsa.PublicKey
}

// ParseAK reads an attestation key's TPMT_PUBLIC, as TPM2_CreatePrimary and TPM2_ReadPublic return
// it, and checks that the key can sign nothing but what its own TPM made: fixedTPM, fixedParent,
// sensitiveDataOrigin, restricted and sign are set, decrypt, encryptedDuplication and x509sign are
// clear ([ErrAKAttributes]). Anything else than a P-256 key of the name algorithm SHA-256 with the
// scheme ECDSA and SHA-256, or bytes after it, is [ErrEvidence].
//
// A verifier calls it before it makes a credential for the key's name: the name covers all of
// these.
func ParseAK(public []byte) (AK, error) {
	if len(public) > maxPublic {
		return AK{}, fmt.Errorf("%w: public area of %d bytes", ErrTooLarge, len(public))
	}
	r := newReader(public)
	kind, nameAlg, attributes := r.U16(), r.U16(), r.U32()
	r.sized("policy", sha256.Size)
	// TPMS_ECC_PARMS: no symmetric algorithm (restricted signing keys have none), the scheme and
	// its hash, the curve, no key derivation.
	symmetric, scheme, hash, curve, kdf := r.U16(), r.U16(), r.U16(), r.U16(), r.U16()
	x, y := r.sized("coordinate", 32), r.sized("coordinate", 32)
	if err := r.End("public area"); err != nil {
		return AK{}, err
	}
	got := [...]uint16{kind, nameAlg, symmetric, scheme, hash, curve, kdf}
	want := [...]uint16{algECC, algSHA256, algNull, algECDSA, algSHA256, curveP256, algNull}
	if got != want {
		return AK{}, fmt.Errorf("%w: key isn't P-256 with ECDSA and SHA-256: % 04X", ErrEvidence, got)
	}
	if attributes&attrRequired != attrRequired || attributes&attrForbidden != 0 {
		return AK{}, fmt.Errorf("%w: %08X", ErrAKAttributes, attributes)
	}
	ak := AK{public: bytes.Clone(public)}
	ak.point[0] = 4
	copy(ak.point[33-len(x):], x) // a TPM may leave leading zeros out
	copy(ak.point[65-len(y):], y)
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), ak.point[:])
	if err != nil {
		return AK{}, fmt.Errorf("%w: key isn't a point on P-256", ErrEvidence)
	}
	ak.key = key
	return ak, nil
}

// Public returns a copy of the TPMT_PUBLIC.
func (a AK) Public() []byte { return bytes.Clone(a.public) }

// Point returns the public key as an uncompressed point: 04, x, y.
func (a AK) Point() [65]byte { return a.point }

// Key returns a copy of the public key.
func (a AK) Key() *ecdsa.PublicKey {
	key := *a.key
	return &key
}

// Name returns the key's Name: the name algorithm and the SHA-256 of the public area (Part 1,
// clause 16).
func (a AK) Name() [34]byte {
	digest := sha256.Sum256(a.public)
	return name(digest)
}

// QualifiedName returns the Qualified Name that the key has as a primary key of the endorsement
// hierarchy: it is in every quote that the key signs.
func (a AK) QualifiedName() [34]byte {
	own := a.Name()
	in := binary.BigEndian.AppendUint32(nil, endorsement)
	return name(sha256.Sum256(append(in, own[:]...)))
}

func name(digest [32]byte) [34]byte {
	var out [34]byte
	binary.BigEndian.PutUint16(out[:], algSHA256)
	copy(out[2:], digest[:])
	return out
}
