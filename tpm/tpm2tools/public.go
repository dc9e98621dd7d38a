package tpm2tools

import (
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"

	"tapbench/tpm/quote"
)

// EncodePublic returns the TPM2B_PUBLIC of an attestation key, which tpm2_readpublic -f tss writes:
// a 2-byte length, big-endian, and the TPMT_PUBLIC.
func EncodePublic(ak quote.AK) []byte {
	public := ak.Public()
	out := binary.BigEndian.AppendUint16(nil, uint16(len(public))) //nolint:gosec // 256 at most
	return append(out, public...)
}

// EncodePEM returns the key as a PEM file of type PUBLIC KEY (RFC 7468, clause 13). It says nothing
// of the key's attributes.
func EncodePEM(ak quote.AK) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(ak.Key())
	if err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// ParsePublic reads a TPM2B_PUBLIC, or the TPMT_PUBLIC alone, as an attestation key: see
// [quote.ParseAK] for what makes one and for the errors. A PEM file is [ErrFormat]: it doesn't say
// what the key may sign.
func ParsePublic(b []byte) (quote.AK, error) {
	if block, _ := pem.Decode(b); block != nil {
		return quote.AK{}, fmt.Errorf("%w: a PEM file doesn't say what a key may sign; "+
			"write it with tpm2_readpublic -f tss", ErrFormat)
	}
	if len(b) >= 2 && int(binary.BigEndian.Uint16(b)) == len(b)-2 {
		b = b[2:]
	}
	return quote.ParseAK(b)
}
