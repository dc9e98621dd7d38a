package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// What can be wrong with a folder of keys.
var (
	// ErrExists means that the folder exists. Nothing was changed. Name another one, or force it.
	ErrExists = errors.New("folder exists")
	// ErrNotPKI means that a folder isn't one that Init made, so it is neither read nor replaced.
	ErrNotPKI = errors.New("not a folder of keys")
	// ErrDamaged means that files of a party's folder are missing, malformed or don't belong
	// together. Make the folder anew.
	ErrDamaged = errors.New("folder of keys is damaged")
	// ErrNoPeer means that a party doesn't know another one.
	ErrNoPeer = errors.New("no such peer")
)

// What can be wrong with a peer's certificate. No request was read or sent.
var (
	// ErrNoCertificate means that the peer has shown no certificate where one is needed.
	ErrNoCertificate = errors.New("peer has no certificate")
	// ErrExpired means that a certificate isn't valid now. Make new ones, or set the clock right.
	ErrExpired = errors.New("certificate isn't valid now")
	// ErrUnknownCA means that another CA than this bench's issued the certificate, or nobody.
	ErrUnknownCA = errors.New("certificate of another CA")
	// ErrUsage means that the certificate is for another use, such as one for signatures in TLS.
	ErrUsage = errors.New("certificate for another use")
	// ErrWrongPeer means that the certificate is in order, but somebody else's.
	ErrWrongPeer = errors.New("certificate of another party")
	// ErrRefused means that the peer has refused our certificate, or our lack of one.
	ErrRefused = errors.New("peer refuses our certificate")
)

// What can be wrong with a release.
var (
	// ErrManifest means that a manifest is malformed, or not in its canonical form.
	ErrManifest = errors.New("malformed release manifest")
	// ErrManifestSignature means that the software provider didn't sign the manifest so.
	ErrManifestSignature = errors.New("release manifest isn't the software provider's")
)

// Explain puts [ErrRefused] in front of an error by which the TLS peer said that it doesn't want
// our certificate. Other errors, the other sentinels of this package among them, pass unchanged.
func Explain(err error) error {
	var remote *net.OpError
	if errors.As(err, &remote) && remote.Op == "remote error" {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// classify puts the sentinel in front of what x509 reports.
func classify(err error) error {
	var (
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("%w: %w", ErrExpired, err)
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return fmt.Errorf("%w: %w", ErrUsage, err)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: %w", ErrUnknownCA, err)
	default:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}
