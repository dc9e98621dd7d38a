package pki

import (
	"crypto/ecdsa"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Compact certificates are what cards read: 158 bytes in PEM, issued by the CA's signing key. A
// server's own are "sign.compact" and "kem.compact" in its folder; the TSM has "epoch.key" and
// "epoch.compact" for the cards of this epoch, too, and the merchant a copy of the latter. The
// merchant's own is "sign.compact": it is for the merchant identifier that its terminals show.
const (
	fileEpochKey  = "epoch.key"
	fileEpoch     = "epoch.compact"
	pemCompact    = "TAPBENCH CERTIFICATE"
	compactSuffix = ".compact"
)

// Compact holds a party's compact certificates. What the party doesn't have is zero.
type Compact struct {
	Sign, KEM message.Certificate
	// Epoch certifies the TSM's key of this epoch; EpochKey is in the TSM's own folder only.
	Epoch    message.Certificate
	EpochKey Private[*ecdsa.PrivateKey]
}

// compactTypes says which compact certificates a role has.
func compactTypes(r Role) map[use]wire.MessageType {
	switch r {
	case RoleBank:
		return map[use]wire.MessageType{useSign: wire.CertBankSign, useKEM: wire.CertBankKEM}
	case RoleTSM:
		return map[use]wire.MessageType{useSign: wire.CertTSMSign, useKEM: wire.CertTSMKEM}
	case RoleMerchant:
		return map[use]wire.MessageType{useSign: wire.CertMerchant}
	case RoleCA, RoleWallet, RoleSP, RoleJudge:
		return nil
	default:
		return nil
	}
}

// MerchantID returns the identifier of a merchant's only shop, as EMV's 9F16 and field 42 of ISO
// 8583 have it: the party ID, "-SHOP" and spaces, 15 characters. For other roles it means nothing.
func (m Member) MerchantID() [wire.MerchantLen]byte {
	id := [wire.MerchantLen]byte([]byte("               "))
	copy(id[:], m.ID.String()+"-SHOP")
	return id
}

// compactSubject returns whom a member's compact certificates name.
func (m Member) compactSubject() message.UserID {
	if m.Role == RoleMerchant {
		return message.MerchantSubject(m.MerchantID())
	}
	return message.PartySubject(m.ID)
}

// compact issues a compact certificate.
func (ca *CA) compact(
	t wire.MessageType, who message.UserID, key *ecdsa.PublicKey, expiry message.Epoch,
) (message.Certificate, error) {
	public, err := message.NewPublicKey(key)
	if err != nil {
		return message.Certificate{}, err
	}
	return message.IssueCertificate(ca.signKey.Reveal(), message.Certificate{
		Type: t, Issuer: ca.ID, Subject: who, Key: public, Expiry: expiry,
	})
}

// writeCompact issues and writes the compact certificates of all parties. The TSM's epoch key lives
// until the end of the next epoch.
func (ca *CA) writeCompact(dir string, drafts []draft, lifetime time.Duration) error {
	expiry := message.EpochAt(ca.now().Add(lifetime))
	for _, d := range drafts {
		for u, t := range compactTypes(d.Role) {
			cert, err := ca.compact(t, d.compactSubject(), &d.keys[u].PublicKey, expiry)
			if err != nil {
				return err
			}
			path := filepath.Join(dir, d.Name, string(u)+compactSuffix)
			if err := writeCompactFile(path, cert); err != nil {
				return err
			}
		}
		if d.Role == RoleTSM {
			if err := ca.writeEpoch(dir, d, drafts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (ca *CA) writeEpoch(dir string, tsm draft, drafts []draft) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	cert, err := ca.compact(wire.CertTSMEpoch, message.PartySubject(tsm.ID), &key.PublicKey,
		message.EpochAt(ca.now())+1)
	if err != nil {
		return err
	}
	if err := writeKey(filepath.Join(dir, tsm.Name, fileEpochKey), key); err != nil {
		return err
	}
	for _, d := range drafts {
		if d.Role != RoleTSM && d.Role != RoleMerchant {
			continue
		}
		if err := writeCompactFile(filepath.Join(dir, d.Name, fileEpoch), cert); err != nil {
			return err
		}
	}
	return nil
}

func writeCompactFile(path string, cert message.Certificate) error {
	block := &pem.Block{Type: pemCompact, Bytes: cert.Encode()}
	return writeFile(path, pem.EncodeToMemory(block), 0o644)
}

// OpenCompact loads the compact certificates of a party's folder and checks each: issued by the CA
// for this party and its key ([ErrDamaged]), not expired ([ErrExpired]).
func (p *Party) OpenCompact(dir string) (Compact, error) {
	var c Compact
	self, err := p.Self()
	if err != nil {
		return c, err
	}
	for u, t := range compactTypes(p.Role) {
		key, dst := self.Sign, &c.Sign
		if u == useKEM {
			key, dst = self.KEM, &c.KEM
		}
		*dst, err = p.readCompact(filepath.Join(dir, string(u)+compactSuffix), t)
		if err != nil {
			return c, err
		}
		if dst.Key != key || dst.Subject != p.compactSubject() {
			return c, fmt.Errorf("%w: %s%s isn't this party's", ErrDamaged, u, compactSuffix)
		}
	}
	if p.Role != RoleTSM && p.Role != RoleMerchant {
		return c, nil
	}
	c.Epoch, err = p.readCompact(filepath.Join(dir, fileEpoch), wire.CertTSMEpoch)
	if err != nil || p.Role != RoleTSM {
		return c, err
	}
	key, err := readKey(filepath.Join(dir, fileEpochKey))
	if err != nil {
		return c, err
	}
	if public, err := message.NewPublicKey(&key.PublicKey); err != nil || public != c.Epoch.Key {
		return c, fmt.Errorf("%w: %s and %s don't fit", ErrDamaged, fileEpochKey, fileEpoch)
	}
	c.EpochKey = NewPrivate(key)
	return c, nil
}

// readCompact reads and checks one compact certificate.
func (p *Party) readCompact(path string, t wire.MessageType) (message.Certificate, error) {
	raw, err := readPEM(path, pemCompact)
	if err != nil {
		return message.Certificate{}, err
	}
	cert, err := message.ParseCertificate(raw)
	if err != nil {
		return cert, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	ca, err := p.Authority()
	if err != nil {
		return cert, err
	}
	err = cert.Check(t, ca.Sign, message.EpochAt(p.now()))
	switch {
	case errors.Is(err, message.ErrExpired):
		return cert, fmt.Errorf("%w: %s: %w", ErrExpired, path, err)
	case err != nil:
		return cert, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	return cert, nil
}

// Authority returns the CA's name and signing key, or [ErrNoPeer].
func (p *Party) Authority() (Peer, error) {
	if cas := p.PeersOf(RoleCA); len(cas) == 1 {
		return cas[0], nil
	}
	return Peer{}, fmt.Errorf("%w: %s knows no CA", ErrNoPeer, p.Name)
}
