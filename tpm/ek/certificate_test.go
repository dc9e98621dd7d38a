package ek_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"testing"
	"time"

	"tapbench/tpm/ek"
)

var (
	oidSubjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidEK             = asn1.ObjectIdentifier{2, 23, 133, 8, 1}
	noon              = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

// maker is a TPM maker's certificate authority: a root and an issuing CA under it.
type maker struct {
	root, issuer       *x509.Certificate
	rootKey, issuerKey *ecdsa.PrivateKey
}

func newMaker(t *testing.T) *maker {
	t.Helper()
	m := &maker{rootKey: newECKey(t), issuerKey: newECKey(t)}
	m.root = sign(t, caTemplate("TPM maker"), nil, m.rootKey.Public(), m.rootKey)
	m.issuer = sign(t, caTemplate("TPM maker, EK"), m.root, m.issuerKey.Public(), m.rootKey)
	return m
}

func caTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
	}
}

// ekTemplate is an EK certificate as swtpm_setup and TPM makers issue them: the subject is in a
// critical subject alternative name that holds a directory name.
func ekTemplate(t *testing.T) *x509.Certificate {
	t.Helper()
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value string `asn1:"utf8"`
	}
	maker := attribute{asn1.ObjectIdentifier{2, 23, 133, 2, 1}, "id:00001014"}
	name, err := asn1.Marshal([][]attribute{{maker}})
	if err != nil {
		t.Fatal(err)
	}
	name[0] = 0x30 // RDNSequence
	directory, err := asn1.Marshal(asn1.RawValue{
		Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name,
	})
	if err != nil {
		t.Fatal(err)
	}
	san, err := asn1.Marshal([]asn1.RawValue{{FullBytes: directory}})
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{
		SerialNumber: big.NewInt(2), KeyUsage: x509.KeyUsageKeyEncipherment,
		BasicConstraintsValid: true, UnknownExtKeyUsage: []asn1.ObjectIdentifier{oidEK},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		ExtraExtensions: []pkix.Extension{{Id: oidSubjectAltName, Critical: true, Value: san}},
	}
}

func sign(
	t *testing.T, template, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer,
) *x509.Certificate {
	t.Helper()
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newRSAKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func pemOf(certs ...*x509.Certificate) []byte {
	var out bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return out.Bytes()
}

func mustRoots(t *testing.T, certs ...*x509.Certificate) *ek.Roots {
	t.Helper()
	roots, err := ek.ParseRoots(pemOf(certs...))
	if err != nil {
		t.Fatal(err)
	}
	return roots
}

func TestVerify(t *testing.T) {
	m, key := newMaker(t), newRSAKey(t, 2048)
	roots := mustRoots(t, m.root, m.issuer)
	for _, row := range []struct {
		name string
		want error
		edit func(*x509.Certificate)
		key  crypto.PublicKey
	}{
		{name: "an expired certificate", want: ek.ErrChain, edit: func(c *x509.Certificate) {
			c.NotAfter = noon.Add(-time.Minute)
		}},
		{name: "another critical extension", want: ek.ErrChain, edit: func(c *x509.Certificate) {
			c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
				Id: asn1.ObjectIdentifier{2, 5, 29, 99}, Critical: true, Value: []byte{5, 0},
			})
		}},
		{name: "a web server's certificate", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = nil
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}},
		{name: "a certificate without a purpose", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = nil
		}},
		{name: "a certificate for any purpose", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = nil
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		}},
		{name: "a platform certificate", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{2, 23, 133, 8, 2}}
		}},
		{name: "a CA's certificate", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.IsCA = true
		}},
		{name: "a signing key", want: ek.ErrNotEK, edit: func(c *x509.Certificate) {
			c.KeyUsage = x509.KeyUsageDigitalSignature
		}},
		{name: "an elliptic key", want: ek.ErrKey, key: newECKey(t).Public()},
		{name: "a longer key", want: ek.ErrKey, key: newRSAKey(t, 3072).Public()},
	} {
		t.Run("rejects "+row.name, func(t *testing.T) {
			template := ekTemplate(t)
			if row.edit != nil {
				row.edit(template)
			}
			public := row.key
			if public == nil {
				public = key.Public()
			}
			cert := sign(t, template, m.issuer, public, m.issuerKey)
			if _, err := ek.Verify(cert.Raw, roots, noon); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	good := sign(t, ekTemplate(t), m.issuer, key.Public(), m.issuerKey)
	t.Run("rejects another maker's certificate", func(t *testing.T) {
		other := newMaker(t)
		_, err := ek.Verify(good.Raw, mustRoots(t, other.root, other.issuer), noon)
		if !errors.Is(err, ek.ErrChain) {
			t.Errorf("got %v, want ErrChain", err)
		}
	})
	t.Run("rejects a chain with a gap", func(t *testing.T) {
		if _, err := ek.Verify(good.Raw, mustRoots(t, m.root), noon); !errors.Is(err, ek.ErrChain) {
			t.Errorf("got %v, want ErrChain", err)
		}
	})
	t.Run("rejects missing roots", func(t *testing.T) {
		for _, roots := range []*ek.Roots{nil, {}} {
			if _, err := ek.Verify(good.Raw, roots, noon); !errors.Is(err, ek.ErrRoots) {
				t.Errorf("got %v, want ErrRoots", err)
			}
		}
	})
	for name, der := range map[string][]byte{
		"nothing":              nil,
		"a certificate cut":    good.Raw[:100],
		"bytes after it":       append(bytes.Clone(good.Raw), 0),
		"more than 4096 bytes": make([]byte, ek.MaxCertificate+1),
	} {
		t.Run("rejects "+name, func(t *testing.T) {
			if _, err := ek.Verify(der, roots, noon); !errors.Is(err, ek.ErrCertificate) {
				t.Errorf("got %v, want ErrCertificate", err)
			}
		})
	}
	t.Run("accepts an EK certificate", func(t *testing.T) {
		got, err := ek.Verify(good.Raw, roots, noon)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Key.Equal(key.Public()) || got.Serial != "2" || !bytes.Equal(got.DER, good.Raw) {
			t.Errorf("got serial %s, %d bytes, or another key", got.Serial, len(got.DER))
		}
	})
}

func TestMatch(t *testing.T) {
	m, key := newMaker(t), newRSAKey(t, 2048)
	cert := sign(t, ekTemplate(t), m.issuer, key.Public(), m.issuerKey)
	if err := ek.Match(cert.Raw, &newRSAKey(t, 2048).PublicKey); !errors.Is(err, ek.ErrKey) {
		t.Errorf("another key: got %v, want ErrKey", err)
	}
	if err := ek.Match(m.issuer.Raw, &key.PublicKey); !errors.Is(err, ek.ErrKey) {
		t.Errorf("an elliptic key: got %v, want ErrKey", err)
	}
	if err := ek.Match([]byte{0x30}, &key.PublicKey); !errors.Is(err, ek.ErrCertificate) {
		t.Errorf("no certificate: got %v, want ErrCertificate", err)
	}
	if err := ek.Match(cert.Raw, &key.PublicKey); err != nil {
		t.Errorf("its own key: got %v", err)
	}
}

func TestParseRoots_refuses(t *testing.T) {
	m := newMaker(t)
	leaf := sign(t, ekTemplate(t), m.issuer, newECKey(t).Public(), m.issuerKey)
	for name, in := range map[string][]byte{
		"nothing":              nil,
		"no PEM":               []byte("roots"),
		"text between":         append(pemOf(m.root), "then\n"...),
		"a key":                []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
		"a broken certificate": []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
		"an end that misses":   []byte("-----BEGIN CERTIFICATE-----\nAAAA\n"),
		"no anchor":            pemOf(m.issuer),
		"a leaf":               pemOf(m.root, leaf),
		"a file too long":      make([]byte, 1<<20+1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ek.ParseRoots(in); !errors.Is(err, ek.ErrRoots) {
				t.Errorf("got %v, want ErrRoots", err)
			}
		})
	}
}
