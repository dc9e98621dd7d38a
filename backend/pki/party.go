package pki

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tapbench/applet/message"
)

// Party is one party with its own private keys and what it knows of others.
type Party struct {
	Member
	// Sign is the key behind SIG(SK, …); it is nil in a wallet.
	Sign Private[*ecdsa.PrivateKey]
	// KEM is the key that opens what HPKE sealed to the party; it is nil in wallet, CA and SP.
	KEM Private[*ecdh.PrivateKey]
	// Peers are the parties that this one deals with, in the order of their names.
	Peers []Peer

	root *x509.Certificate
	tls  Private[tls.Certificate]
	now  func() time.Time
}

// Peer is another party's public side. A key that the party doesn't have is all zero.
type Peer struct {
	Member
	Sign message.PublicKey
	KEM  message.PublicKey
}

// OpenParty loads a party's folder. The checks, in this order:
//   - the folder is a party's ([ErrNotPKI]), its files are whole ([ErrDamaged]);
//   - each certificate is valid now ([ErrExpired]), the CA's ([ErrUnknownCA]), for its use
//     ([ErrUsage]), and names the party whose file it is ([ErrWrongPeer]);
//   - each private key fits its certificate ([ErrDamaged]).
//
// A nil clock stands for [time.Now].
func OpenParty(dir string, now func() time.Time) (*Party, error) {
	if now == nil {
		now = time.Now
	}
	p, err := openParty(dir, now)
	if err != nil {
		return nil, fmt.Errorf("opening keys in %s: %w", dir, err)
	}
	return p, nil
}

func openParty(dir string, now func() time.Time) (*Party, error) {
	c, id, err := readCard(dir)
	if err != nil {
		return nil, err
	}
	p := &Party{Member: Member{c.Role, id, c.Name}, now: now}
	if p.root, err = readCert(filepath.Join(dir, fileRoot)); err != nil {
		return nil, err
	}
	for _, u := range p.Role.uses() {
		if err := p.loadKey(dir, u); err != nil {
			return nil, err
		}
	}
	if err := p.loadPeers(dir); err != nil {
		return nil, err
	}
	return p, nil
}

// loadKey reads one of the party's own pairs.
func (p *Party) loadKey(dir string, u use) error {
	key, err := readKey(filepath.Join(dir, u.keyFile()))
	if err != nil {
		return err
	}
	cert, who, err := p.loadCert(filepath.Join(dir, u.certFile()), u)
	if err != nil {
		return err
	}
	if who.Role != p.Role || who.ID != p.ID {
		return fmt.Errorf("%w: %s names %s", ErrWrongPeer, u.certFile(), who.ID)
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return fmt.Errorf("%w: %s and %s don't fit", ErrDamaged, u.keyFile(), u.certFile())
	}
	switch u {
	case useTLS:
		p.tls = NewPrivate(tls.Certificate{
			Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert,
		})
	case useSign:
		p.Sign = NewPrivate(key)
	case useKEM:
		agreement, err := key.ECDH()
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, u.keyFile(), err)
		}
		p.KEM = NewPrivate(agreement)
	}
	return nil
}

// loadPeers reads the certificates in peers/.
func (p *Party) loadPeers(dir string) error {
	entries, err := os.ReadDir(filepath.Join(dir, dirPeers))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	byName := make(map[string]*Peer)
	for _, entry := range entries {
		name, u, err := splitPeerFile(entry.Name())
		if err != nil {
			return err
		}
		cert, who, err := p.loadCert(filepath.Join(dir, peerFile(name, u)), u)
		if err != nil {
			return err
		}
		who.Name = name
		peer, found := byName[name]
		if !found {
			peer = &Peer{Member: who}
			byName[name] = peer
		}
		if peer.Member != who {
			return fmt.Errorf("%w: two parties are called %s", ErrWrongPeer, name)
		}
		if err := peer.setKey(u, cert); err != nil {
			return err
		}
	}
	for _, peer := range byName {
		p.Peers = append(p.Peers, *peer)
	}
	slices.SortFunc(p.Peers, func(a, b Peer) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func splitPeerFile(file string) (string, use, error) {
	for _, u := range []use{useSign, useKEM} {
		if name, found := strings.CutSuffix(file, "."+u.certFile()); found && name != "" {
			return name, u, nil
		}
	}
	return "", "", fmt.Errorf("%w: stray file %s in %s", ErrDamaged, file, dirPeers)
}

func (p *Peer) setKey(u use, cert *x509.Certificate) error {
	public, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return fmt.Errorf("%w: %s has no ECDSA key", ErrDamaged, p.Name)
	}
	key, err := message.NewPublicKey(public)
	if err != nil {
		return fmt.Errorf("%w: the key of %s: %w", ErrDamaged, p.Name, err)
	}
	if u == useKEM {
		p.KEM = key
	} else {
		p.Sign = key
	}
	return nil
}

// loadCert reads a certificate and checks everything but whom it must name.
func (p *Party) loadCert(path string, u use) (*x509.Certificate, Member, error) {
	cert, err := readCert(path)
	if err != nil {
		return nil, Member{}, err
	}
	who, err := p.verify(cert, u, x509.ExtKeyUsageAny)
	if err != nil {
		return nil, Member{}, fmt.Errorf("%s: %w", path, err)
	}
	return cert, who, nil
}

// verify checks that a certificate is valid now, issued by the bench's CA and for the use, and
// returns whom it names. It returns, in this order, [ErrExpired], [ErrUnknownCA], [ErrUsage] or
// [ErrWrongPeer].
func (p *Party) verify(
	cert *x509.Certificate, u use, tlsUse x509.ExtKeyUsage,
) (Member, error) {
	roots := x509.NewCertPool()
	roots.AddCert(p.root)
	_, err := cert.Verify(x509.VerifyOptions{
		Roots: roots, CurrentTime: p.now(), KeyUsages: []x509.ExtKeyUsage{tlsUse},
	})
	if err != nil {
		return Member{}, classify(err)
	}
	if !usableFor(cert, u) {
		return Member{}, fmt.Errorf("%w: not for %s", ErrUsage, u)
	}
	if len(cert.URIs) != 1 {
		return Member{}, fmt.Errorf("%w: it names %d parties", ErrWrongPeer, len(cert.URIs))
	}
	role, id, err := parseIdentity(cert.URIs[0])
	return Member{Role: role, ID: id}, err
}

// usableFor compares key usages with what certify gives to a use.
func usableFor(cert *x509.Certificate, u use) bool {
	if cert.IsCA {
		return false
	}
	switch u {
	case useTLS:
		return cert.KeyUsage == x509.KeyUsageDigitalSignature && len(cert.UnknownExtKeyUsage) == 0 &&
			len(cert.ExtKeyUsage) > 0
	case useSign, useKEM:
		return len(cert.ExtKeyUsage) == 0 && len(cert.UnknownExtKeyUsage) == 1 &&
			cert.UnknownExtKeyUsage[0].Equal(usageOID(u))
	default:
		return false
	}
}

// Peer returns one of the parties that this one knows, or [ErrNoPeer].
func (p *Party) Peer(role Role, id message.PartyID) (Peer, error) {
	for _, peer := range p.Peers {
		if peer.Role == role && peer.ID == id {
			return peer, nil
		}
	}
	return Peer{}, fmt.Errorf("%w: %s knows no %s %s", ErrNoPeer, p.Name, role, id)
}

// PeersOf returns the parties of one role that this one knows, in the order of their names.
func (p *Party) PeersOf(role Role) []Peer {
	var peers []Peer
	for _, peer := range p.Peers {
		if peer.Role == role {
			peers = append(peers, peer)
		}
	}
	return peers
}

// Self returns the party's own public side.
func (p *Party) Self() (Peer, error) {
	self := Peer{Member: p.Member}
	var err error
	if key := p.Sign.Reveal(); key != nil {
		self.Sign, err = message.NewPublicKey(&key.PublicKey)
	}
	if key := p.KEM.Reveal(); key != nil && err == nil {
		if raw := key.PublicKey().Bytes(); len(raw) == len(self.KEM) {
			self.KEM = message.PublicKey(raw)
		} else {
			err = errors.New("KEM key isn't on P-256")
		}
	}
	return self, err
}
