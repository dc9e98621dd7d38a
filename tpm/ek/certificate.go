package ek

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// MaxCertificate is the longest certificate in bytes: larger ones don't fit into a TPM's NV index.
const MaxCertificate = 4096

// Certificate is an EK certificate that [Verify] has accepted.
type Certificate struct {
	Key    *rsa.PublicKey // RSA-2048 with exponent 65537
	Serial string         // the serial number in hexadecimal
	DER    []byte         // as verified
}

// Verify checks an endorsement key's certificate, in this order:
//
//  1. there are roots ([ErrRoots]), and it is one DER certificate, nothing after it
//     ([ErrCertificate]);
//  2. a chain leads from it to one of the roots, valid at this time, with every critical extension
//     understood ([ErrChain]);
//  3. it is an EK's: it has the extended key usage 2.23.133.8.1 (tcg-kp-EKCertificate), key
//     encipherment, and isn't a CA ([ErrNotEK]);
//  4. its key is RSA-2048 with exponent 65537 ([ErrKey]).
//
// Two things of the chain check are peculiar. The subject alternative name holds the TPM's maker,
// model and version as a directory name and is critical because the subject is empty or
// meaningless; crypto/x509 reads no directory names and would refuse the certificate, so that one
// extension is taken off the list of those not understood, and no other. And crypto/x509 doesn't
// know the EK's purpose, so that the chain is built for any purpose and check 3 asks for the right
// one.
func Verify(der []byte, roots *Roots, now time.Time) (*Certificate, error) {
	if roots == nil || roots.roots == nil {
		return nil, ErrRoots // x509 would fall back to the machine's web roots
	}
	if len(der) > MaxCertificate {
		return nil, fmt.Errorf("%w: %d bytes", ErrCertificate, len(der))
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	subjectAltName := asn1.ObjectIdentifier{2, 5, 29, 17}
	cert.UnhandledCriticalExtensions = slices.DeleteFunc(cert.UnhandledCriticalExtensions,
		subjectAltName.Equal)
	if _, err := cert.Verify(x509.VerifyOptions{
		Roots:         roots.roots,
		Intermediates: roots.intermediates,
		CurrentTime:   now,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	purpose := asn1.ObjectIdentifier{2, 23, 133, 8, 1} // tcg-kp-EKCertificate
	switch {
	case !slices.ContainsFunc(cert.UnknownExtKeyUsage, purpose.Equal):
		return nil, fmt.Errorf("%w: purpose 2.23.133.8.1 is missing", ErrNotEK)
	case cert.IsCA:
		return nil, fmt.Errorf("%w: it is a CA's", ErrNotEK)
	case cert.KeyUsage&x509.KeyUsageKeyEncipherment == 0:
		return nil, fmt.Errorf("%w: not for key encipherment", ErrNotEK)
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() != 2048 || key.E != 65537 {
		return nil, fmt.Errorf("%w: not RSA-2048 with exponent 65537", ErrKey)
	}
	return &Certificate{Key: key, Serial: cert.SerialNumber.Text(16), DER: slices.Clone(der)}, nil
}

// Match checks that a certificate is one for this key, as a TPM shows it ([ErrKey]). It checks no
// chain: it finds a certificate and a key that got mixed up, not a forged one.
func Match(der []byte, key *rsa.PublicKey) error {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if certified, ok := cert.PublicKey.(*rsa.PublicKey); !ok || !certified.Equal(key) {
		return ErrKey
	}
	return nil
}
