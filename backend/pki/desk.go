package pki

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// ErrNotSeen means that the desk certifies nothing: the statement that a key was made in a
// certified element for that user doesn't hold. Nothing was issued.
var ErrNotSeen = errors.New("the CA doesn't certify this key")

// deskLifetime is how long the certificates of elements and users are valid.
const deskLifetime = Lifetime

// Desk is the CA's desk, where elements are certified when they are made and users when they
// appear in person.
type Desk struct{ ca *CA }

// NewDesk opens the desk of a CA.
func NewDesk(ca *CA) *Desk { return &Desk{ca} }

// CA returns the CA's name and the key that cards trust.
func (d *Desk) CA() (message.PartyID, message.PublicKey) {
	key, err := message.NewPublicKey(&d.ca.signKey.Reveal().PublicKey)
	if err != nil {
		return d.ca.ID, message.PublicKey{} // our own key is on P-256
	}
	return d.ca.ID, key
}

// CertifySE certifies PK_SE of a new element. Its subject is random: an element has no name.
func (d *Desk) CertifySE(_ context.Context, key message.PublicKey) (message.Certificate, error) {
	id := newID("SE-")
	return d.certify(wire.CertSE, message.PartySubject(id), key)
}

// CertifyUser certifies PK_U for ID_U, after the user was seen: the element must be certified by
// this CA and must have signed user-key.
func (d *Desk) CertifyUser(
	_ context.Context, se message.Certificate, key message.UserKey, sig message.Signature,
) (message.Certificate, error) {
	ca, public := d.CA()
	if err := se.Check(wire.CertSE, public, message.EpochAt(d.ca.now())); err != nil {
		return message.Certificate{}, fmt.Errorf("%w: element: %w", ErrNotSeen, err)
	}
	if key.CA != ca || key.SE != se.Key {
		return message.Certificate{}, fmt.Errorf("%w: another CA's or element's statement", ErrNotSeen)
	}
	if err := message.Verify(se.Key, key.Digest(), sig); err != nil {
		return message.Certificate{}, fmt.Errorf("%w: user-key: %w", ErrNotSeen, err)
	}
	return d.certify(wire.CertUser, key.User, key.Key)
}

func (d *Desk) certify(t wire.MessageType, who message.UserID, key message.PublicKey) (
	message.Certificate, error,
) {
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), key[:])
	if err != nil {
		return message.Certificate{}, fmt.Errorf("%w: %w", ErrNotSeen, message.ErrKey)
	}
	return d.ca.compact(t, who, public, message.EpochAt(d.ca.now().Add(deskLifetime)))
}
