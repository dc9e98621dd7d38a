package ek

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// maxRoots is the longest file of makers' certificates in bytes.
const maxRoots = 1 << 20

// Roots are the TPM makers that are trusted, and the certificates between them and their TPMs.
type Roots struct {
	roots, intermediates *x509.CertPool
	// Certificates are all of them, in the order of the file.
	Certificates []*x509.Certificate
}

// ParseRoots reads CA certificates in PEM, one after the other. Self-signed ones become trust
// anchors, the others only help to build chains: it takes at least one anchor. What isn't a CA
// certificate, and any text between the blocks, is refused ([ErrRoots]).
func ParseRoots(text []byte) (*Roots, error) {
	if len(text) > maxRoots {
		return nil, fmt.Errorf("%w: %d bytes", ErrRoots, len(text))
	}
	out := &Roots{roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	anchors := 0
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		if !bytes.HasPrefix(rest, []byte("-----BEGIN ")) {
			return nil, fmt.Errorf("%w: text between the certificates", ErrRoots)
		}
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%w: a block isn't a certificate", ErrRoots)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRoots, err)
		}
		if !cert.IsCA {
			return nil, fmt.Errorf("%w: %s isn't a CA's", ErrRoots, cert.Subject)
		}
		if bytes.Equal(cert.RawIssuer, cert.RawSubject) && cert.CheckSignatureFrom(cert) == nil {
			out.roots.AddCert(cert)
			anchors++
		} else {
			out.intermediates.AddCert(cert)
		}
		out.Certificates = append(out.Certificates, cert)
		rest = after
	}
	if anchors == 0 {
		return nil, fmt.Errorf("%w: no self-signed certificate", ErrRoots)
	}
	return out, nil
}
