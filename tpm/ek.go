package tpm

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"tapbench/tpm/ek"
)

// Where a TPM keeps its RSA-2048 endorsement key and the certificate for it.
const (
	ekHandle           = tpm2.TPMHandle(0x81010001)
	ekCertificateIndex = tpm2.TPMHandle(0x01C00002)
	modulusSize        = 256
	nvChunk            = 512 // every TPM reads that much at once
)

// EK is a TPM's endorsement key as it shows it to a verifier.
type EK struct {
	Certificate []byte         // DER, as the maker left it in NV index 01C00002
	Key         *rsa.PublicKey // the TPM's own key, compared with the certificate
}

// EK returns the endorsement key and its certificate. Both come from the TPM: whether its maker is
// to be trusted is judged by the verifier, with [ek.Verify]. Errors: [ErrNoEKCertificate], [ErrEK]
// when key and certificate don't fit.
func (t *TPM) EK(ctx context.Context) (EK, error) {
	var out EK
	err := t.do(ctx, func(bus transport.TPM) error {
		der, err := readCertificate(bus)
		if err != nil {
			return err
		}
		return t.withEK(bus, func(key *endorsementKey) error {
			out = EK{Certificate: der, Key: key.rsa}
			if err := ek.Match(der, key.rsa); err != nil {
				return fmt.Errorf("%w: %w", ErrEK, err)
			}
			return nil
		})
	})
	if err != nil {
		return EK{}, fmt.Errorf("reading the endorsement key: %w", err)
	}
	return out, nil
}

// readCertificate reads the NV index that holds the EK certificate. Some makers fill it up with
// bytes behind the certificate.
func readCertificate(bus transport.TPM) ([]byte, error) {
	public, err := tpm2.NVReadPublic{NVIndex: ekCertificateIndex}.Execute(bus)
	if errors.Is(err, tpm2.TPMRCHandle) {
		return nil, ErrNoEKCertificate
	}
	if err != nil {
		return nil, err
	}
	area, err := public.NVPublic.Contents()
	if err != nil || area.DataSize > ek.MaxCertificate {
		return nil, fmt.Errorf("%w: EK certificate's NV index", ErrAnswer)
	}
	index := tpm2.AuthHandle{
		Handle: ekCertificateIndex, Name: public.NVName, Auth: tpm2.PasswordAuth(nil),
	}
	var content []byte
	for len(content) < int(area.DataSize) {
		offset := uint16(len(content)) //nolint:gosec // below DataSize, a uint16
		rsp, err := tpm2.NVRead{
			AuthHandle: index,
			NVIndex:    tpm2.NamedHandle{Handle: index.Handle, Name: index.Name},
			Size:       min(nvChunk, area.DataSize-offset),
			Offset:     offset,
		}.Execute(bus)
		if err != nil {
			return nil, err
		}
		if n := len(rsp.Data.Buffer); n == 0 || n > nvChunk {
			return nil, fmt.Errorf("%w: %d bytes of NV", ErrAnswer, n)
		}
		content = append(content, rsp.Data.Buffer...)
	}
	var certificate asn1.RawValue
	if _, err := asn1.Unmarshal(content, &certificate); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoEKCertificate, err)
	}
	return certificate.FullBytes, nil
}

// endorsementKey is a loaded EK.
type endorsementKey struct {
	handle tpm2.TPMHandle
	name   tpm2.TPM2BName
	public tpm2.TPMTPublic
	rsa    *rsa.PublicKey
}

// withEK calls use with the EK: the one that is kept in the TPM, or one made anew from the
// template, which is the same key and is flushed afterwards. From the first use on the key may not
// change.
func (t *TPM) withEK(bus transport.TPM, use func(*endorsementKey) error) (err error) {
	raw, handle, err := persistentEK(bus)
	if err != nil {
		return err
	}
	if raw == nil {
		rsp, err := tpm2.CreatePrimary{
			PrimaryHandle: tpm2.AuthHandle{Handle: tpm2.TPMRHEndorsement, Auth: tpm2.PasswordAuth(nil)},
			InPublic:      tpm2.New2B(tpm2.RSAEKTemplate),
		}.Execute(bus)
		if err != nil {
			return fmt.Errorf("making the EK: %w", err)
		}
		raw, handle = rsp.OutPublic.Bytes(), rsp.ObjectHandle
		defer func() { err = errors.Join(err, flush(bus, handle)) }()
	}
	key, err := parseEK(raw, handle)
	if err != nil {
		return err
	}
	if t.ek != nil && !t.ek.rsa.Equal(key.rsa) {
		return fmt.Errorf("%w: it has changed", ErrEK)
	}
	t.ek = key
	return use(key)
}

// persistentEK reads the public area of the EK that the maker left loaded, or nil if there is none.
func persistentEK(bus transport.TPM) ([]byte, tpm2.TPMHandle, error) {
	rsp, err := tpm2.ReadPublic{ObjectHandle: ekHandle}.Execute(bus)
	if errors.Is(err, tpm2.TPMRCHandle) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	return rsp.OutPublic.Bytes(), ekHandle, nil
}

// parseEK checks that a public area is the profile's template with some modulus.
func parseEK(raw []byte, handle tpm2.TPMHandle) (*endorsementKey, error) {
	if len(raw) <= modulusSize {
		return nil, fmt.Errorf("%w: public area of %d bytes", ErrEK, len(raw))
	}
	modulus := bytes.Clone(raw[len(raw)-modulusSize:])
	public := tpm2.RSAEKTemplate
	public.Unique = tpm2.NewTPMUPublicID(tpm2.TPMAlgRSA, &tpm2.TPM2BPublicKeyRSA{Buffer: modulus})
	if !bytes.Equal(raw, tpm2.Marshal(public)) {
		return nil, fmt.Errorf("%w: it doesn't follow template L-1", ErrEK)
	}
	name, err := tpm2.ObjectName(&public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEK, err)
	}
	return &endorsementKey{
		handle: handle, name: *name, public: public,
		rsa: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537},
	}, nil
}
