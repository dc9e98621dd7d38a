package message

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// What can be wrong with a certificate, beside its signature.
var (
	// ErrCertificate means that a certificate has another type, issuer or subject than it must.
	ErrCertificate = errors.New("certificate isn't the one that is needed")
	// ErrExpired means that the certificate's epoch has ended.
	ErrExpired = errors.New("certificate has expired")
)

// Certificate is a compact certificate, which a card can read: 158 bytes.
//
//	type 1 | issuer 8 | subject 16 | key 65 | expiry 4 | signature 64
//
// The signature covers type || label || issuer || subject || key || expiry.
type Certificate struct {
	Type      wire.MessageType
	Issuer    PartyID
	Subject   UserID
	Key       PublicKey
	Expiry    Epoch
	Signature Signature
}

type certificateFields struct {
	Issuer  PartyID
	Subject UserID
	Key     PublicKey
	Expiry  Epoch
}

// PartySubject returns a party's ID as a certificate's subject.
func PartySubject(id PartyID) UserID {
	var s UserID
	n := copy(s[:], id[:])
	for ; n < len(s); n++ {
		s[n] = ' '
	}
	return s
}

// MerchantSubject returns a merchant identifier as a certificate's subject: its 15 characters as
// they stand in EMV's 9F16, and a space.
func MerchantSubject(id [wire.MerchantLen]byte) UserID {
	s := UserID{wire.UserIDLen - 1: ' '}
	copy(s[:], id[:])
	return s
}

// Sum returns SHA-256 over the 158 bytes: H(cert) in what is signed offline.
func (c Certificate) Sum() Hash { return sha256.Sum256(c.Encode()) }

// Digest returns what the issuer signs.
func (c Certificate) Digest() Hash {
	return SumHash(c.Type, certificateFields{c.Issuer, c.Subject, c.Key, c.Expiry})
}

// IssueCertificate signs the certificate's fields.
func IssueCertificate(issuer *ecdsa.PrivateKey, c Certificate) (Certificate, error) {
	sig, err := Sign(issuer, c.Digest())
	c.Signature = sig
	return c, err
}

// Encode returns the 158 bytes.
func (c Certificate) Encode() []byte {
	out := append([]byte{byte(c.Type)}, c.Issuer[:]...)
	out = append(out, c.Subject[:]...)
	out = append(out, c.Key[:]...)
	out = append(out, byte(c.Expiry>>24), byte(c.Expiry>>16), byte(c.Expiry>>8), byte(c.Expiry))
	return append(out, c.Signature[:]...)
}

// ParseCertificate reads 158 bytes. It checks no signature.
func ParseCertificate(raw []byte) (Certificate, error) {
	if len(raw) != wire.CertificateLen {
		return Certificate{}, fmt.Errorf("%w: certificate of %d bytes", ErrLayout, len(raw))
	}
	c := Certificate{Type: wire.MessageType(raw[0]), Issuer: PartyID(raw[1:9])}
	c.Subject, c.Key = UserID(raw[9:25]), PublicKey(raw[25:90])
	c.Expiry = Epoch(raw[90])<<24 | Epoch(raw[91])<<16 | Epoch(raw[92])<<8 | Epoch(raw[93])
	c.Signature = Signature(raw[94:])
	return c, nil
}

// Check verifies a certificate: its type, its issuer's signature, then that it hasn't expired in
// epoch now. It returns [ErrCertificate], [ErrSignature] and its kin, or [ErrExpired].
func (c Certificate) Check(t wire.MessageType, issuer PublicKey, now Epoch) error {
	if c.Type != t {
		return fmt.Errorf("%w: type %02x instead of %02x", ErrCertificate, byte(c.Type), byte(t))
	}
	if err := Verify(issuer, c.Digest(), c.Signature); err != nil {
		return fmt.Errorf("certificate of %s: %w", c.Subject, err)
	}
	if c.Expiry < now {
		return fmt.Errorf("%w: of %s, in epoch %d", ErrExpired, c.Subject, c.Expiry)
	}
	return nil
}
