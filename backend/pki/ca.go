package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"path/filepath"
	"time"

	"tapbench/applet/message"
)

// skew is how long before its making a certificate is valid, for clocks that differ a little.
const skew = time.Hour

// CA is the certificate authority at work: it has the root's key, for X.509, and a signing key of
// its own, for what cards read and for statements of the protocol.
type CA struct {
	// ID is ID_CA.
	ID message.PartyID

	root    *x509.Certificate
	rootKey Private[*ecdsa.PrivateKey]
	signKey Private[*ecdsa.PrivateKey]
	now     func() time.Time
}

// newCA makes a CA that is valid for twice the lifetime of what it certifies.
func newCA(now func() time.Time, lifetime time.Duration) (*CA, error) {
	ca := &CA{ID: newID("CA-"), now: now}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	ca.rootKey = NewPrivate(key)
	template, err := template(RoleCA, ca.ID, "root", now(), 2*lifetime)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.MaxPathLenZero = true
	template.KeyUsage = x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the root certificate: %w", err)
	}
	ca.root, err = x509.ParseCertificate(der)
	return ca, err
}

// OpenCA loads the CA's folder, DIR/ca. It returns [ErrNotPKI], [ErrDamaged] or [ErrExpired].
func OpenCA(dir string, now func() time.Time) (*CA, error) {
	p, err := OpenParty(dir, now)
	if err != nil {
		return nil, err
	}
	if p.Role != RoleCA {
		return nil, fmt.Errorf("%w: %s is the folder of a %s", ErrNotPKI, dir, p.Role)
	}
	key, err := readKey(filepath.Join(dir, fileRootKey))
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(p.root.PublicKey) {
		return nil, fmt.Errorf("%w: %s isn't the root's key", ErrDamaged, fileRootKey)
	}
	return &CA{
		ID: p.ID, root: p.root, rootKey: NewPrivate(key), signKey: p.Sign, now: p.now,
	}, nil
}

// subject is whom a certificate is for.
type subject struct {
	role  Role
	id    message.PartyID
	hosts []string // for TLS servers
}

// certify issues an X.509 certificate for one use.
func (ca *CA) certify(
	s subject, u use, public crypto.PublicKey, lifetime time.Duration,
) (*x509.Certificate, error) {
	template, err := template(s.role, s.id, string(u), ca.now(), lifetime)
	if err != nil {
		return nil, err
	}
	switch u {
	case useTLS:
		template.KeyUsage = x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = tlsUsage(s.role)
		for _, host := range s.hosts {
			if ip := net.ParseIP(host); ip != nil {
				template.IPAddresses = append(template.IPAddresses, ip)
			} else {
				template.DNSNames = append(template.DNSNames, host)
			}
		}
	case useSign:
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{usageOID(useSign)}
	case useKEM:
		template.KeyUsage = x509.KeyUsageKeyAgreement
		template.UnknownExtKeyUsage = []asn1.ObjectIdentifier{usageOID(useKEM)}
	default:
		return nil, errors.New("certificate for no use")
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.root, public, ca.rootKey.Reveal())
	if err != nil {
		return nil, fmt.Errorf("certifying %s: %w", s.id, err)
	}
	return x509.ParseCertificate(der)
}

// tlsUsage says which end of a connection a role may be. The TSM serves wallets and merchants, and
// calls banks; a judge calls both.
func tlsUsage(r Role) []x509.ExtKeyUsage {
	switch r {
	case RoleBank:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case RoleTSM:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	case RoleMerchant, RoleJudge:
		return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	default:
		return nil
	}
}

// usageOID is the extended key usage of protocol keys, under the arc that X.660 gives to examples.
func usageOID(u use) asn1.ObjectIdentifier {
	arc := asn1.ObjectIdentifier{2, 999, 1, 1}
	if u == useKEM {
		arc[3] = 2
	}
	return arc
}

func template(
	r Role, id message.PartyID, unit string, now time.Time, lifetime time.Duration,
) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	now = now.UTC().Truncate(time.Second)
	return &x509.Certificate{
		SerialNumber: serial,
		Subject: pkix.Name{
			Organization:       []string{"tapbench test bench"},
			OrganizationalUnit: []string{unit},
			CommonName:         id.String(),
		},
		NotBefore: now.Add(-skew),
		NotAfter:  now.Add(lifetime),
		URIs:      []*url.URL{identity(r, id)},
	}, nil
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return key, nil
}
