package pki

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// An element has no clock. It learns the epoch from certificates that the CA signs, one epoch after
// the other, the same for all. They lie in "epochs.pem" in the wallet's folder and in public/: one
// block of PEM for each epoch since the bench was made, or for the last [MaxEpochs].
const (
	fileEpochs = "epochs.pem"
	pemEpoch   = "TAPBENCH EPOCH"
	// MaxEpochs is how many epoch certificates are kept: 100 epochs are almost two years. An element
	// that was away for longer can't be led on to the present.
	MaxEpochs = 100
)

// What can be wrong with an epoch.
var (
	// ErrEpoch means that an epoch that is certified, or was to be, hasn't begun by the clock.
	// Nothing was issued. Set the clock right.
	ErrEpoch = errors.New("epoch hasn't begun")
	// ErrEpochEnded means that the last certified epoch has ended. Renew: tapbench pki epoch.
	ErrEpochEnded = errors.New("certified epoch has ended")
)

// IssueEpoch certifies that an epoch has begun: the current one, or one before. It returns
// [ErrEpoch].
func (ca *CA) IssueEpoch(epoch message.Epoch) (message.EpochCertificate, error) {
	cert := message.EpochCertificate{Issuer: ca.ID, Epoch: epoch}
	if now := message.EpochAt(ca.now()); epoch > now {
		return cert, fmt.Errorf("%w: %d, it is %d", ErrEpoch, epoch, now)
	}
	var err error
	cert.Signature, err = message.Sign(ca.signKey.Reveal(), cert.Digest())
	return cert, err
}

// RenewEpochs adds the epochs that have begun since the last renewal to the files of a bench, and
// returns the certificate of the current one. dir is the folder that Init made. Within one epoch a
// second renewal changes nothing. It returns [ErrDamaged], or [ErrEpoch] if the clock was set back.
func RenewEpochs(dir string, ca *CA) (message.EpochCertificate, error) {
	key, err := message.NewPublicKey(&ca.signKey.Reveal().PublicKey)
	if err != nil {
		return message.EpochCertificate{}, err
	}
	path := filepath.Join(dir, Public, fileEpochs)
	certs, err := readEpochs(path, Peer{Member: Member{ID: ca.ID}, Sign: key})
	if errors.Is(err, fs.ErrNotExist) { // made by a pki init that knew of no epochs
		certs, err = nil, nil
	}
	if err != nil {
		return message.EpochCertificate{}, err
	}
	now := message.EpochAt(ca.now())
	next := now
	if n := len(certs); n > 0 {
		next = certs[n-1].Epoch + 1
	}
	if next > now+1 {
		return certs[len(certs)-1], fmt.Errorf("%w: %d is certified, by the clock it is %d", ErrEpoch,
			next-1, now)
	}
	if now >= MaxEpochs {
		next = max(next, now-MaxEpochs+1)
	}
	for ; next <= now; next++ {
		cert, err := ca.IssueEpoch(next)
		if err != nil {
			return cert, err
		}
		certs = append(certs, cert)
	}
	certs = certs[max(0, len(certs)-MaxEpochs):]
	var text bytes.Buffer
	for _, cert := range certs {
		raw := message.Encode(wire.CertEpoch, cert)
		if err := pem.Encode(&text, &pem.Block{Type: pemEpoch, Bytes: raw}); err != nil {
			return cert, fmt.Errorf("encoding an epoch certificate: %w", err)
		}
	}
	for _, folder := range []string{Public, string(RoleWallet)} {
		if err := replaceFile(filepath.Join(dir, folder, fileEpochs), text.Bytes()); err != nil {
			return message.EpochCertificate{}, err
		}
	}
	return certs[len(certs)-1], nil
}

// writeEpochs writes the first epoch certificate into a new bench.
func (ca *CA) writeEpochs(dir string) error {
	_, err := RenewEpochs(dir, ca)
	return err
}

// OpenEpochs reads the epoch certificates of a wallet's folder, or of public/: one for each epoch,
// in their order, the last one the current epoch's. All are the CA's ([ErrDamaged]). If the last
// one isn't the current epoch's, they come with [ErrEpochEnded] or [ErrEpoch].
func (p *Party) OpenEpochs(dir string) ([]message.EpochCertificate, error) {
	ca, err := p.Authority()
	if err != nil {
		return nil, err
	}
	certs, err := readEpochs(filepath.Join(dir, fileEpochs), ca)
	if err != nil {
		return nil, err
	}
	last, now := certs[len(certs)-1].Epoch, message.EpochAt(p.now())
	switch {
	case last < now:
		return certs, fmt.Errorf("%w: %d, it is %d", ErrEpochEnded, last, now)
	case last > now:
		return certs, fmt.Errorf("%w: %d, by the clock it is %d", ErrEpoch, last, now)
	default:
		return certs, nil
	}
}

// readEpochs reads and checks a file of epoch certificates: at least one.
func readEpochs(path string, ca Peer) ([]message.EpochCertificate, error) {
	rest, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var certs []message.EpochCertificate
	for len(bytes.TrimSpace(rest)) > 0 {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil || block.Type != pemEpoch {
			return nil, fmt.Errorf("%w: %s isn't all %s in PEM", ErrDamaged, path, pemEpoch)
		}
		cert, err := message.Decode[message.EpochCertificate](wire.CertEpoch, block.Bytes)
		if err == nil {
			err = cert.Check(ca.ID, ca.Sign)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
		}
		if n := len(certs); n > 0 && cert.Epoch != certs[n-1].Epoch+1 {
			return nil, fmt.Errorf("%w: %s: epoch %d follows %d", ErrDamaged, path, cert.Epoch,
				certs[n-1].Epoch)
		}
		certs = append(certs, cert)
	}
	if len(certs) == 0 {
		return nil, fmt.Errorf("%w: %s is empty", ErrDamaged, path)
	}
	return certs, nil
}
