package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"tapbench/applet/message"
)

// The names of files and folders. A key pair's are "sign.key" and "sign.crt", and a peer's
// "peers/bank-a.sign.crt".
const (
	fileParty   = "party.json"
	fileRoot    = "ca.crt"
	fileRootKey = "ca.key"
	dirPeers    = "peers"
	// Public is the subfolder that anyone may read.
	Public = "public"
)

// maxFile is the longest file that is read, in bytes.
const maxFile = 64 << 10

const (
	pemKey  = "PRIVATE KEY"
	pemCert = "CERTIFICATE"
)

// card is what party.json says.
type card struct {
	Format string `json:"format"`
	Role   Role   `json:"role"`
	ID     string `json:"id"`
	Name   string `json:"name"`
}

// format is the version of the folders' layout.
const format = "tapbench-pki v1"

func (u use) keyFile() string  { return string(u) + ".key" }
func (u use) certFile() string { return string(u) + ".crt" }

// peerFile is where a party keeps another's certificate.
func peerFile(name string, u use) string {
	return filepath.Join(dirPeers, name+"."+u.certFile())
}

func readCard(dir string) (card, message.PartyID, error) {
	var c card
	raw, err := readFile(filepath.Join(dir, fileParty))
	if errors.Is(err, fs.ErrNotExist) {
		return c, message.PartyID{}, fmt.Errorf("%w: %s has no %s", ErrNotPKI, dir, fileParty)
	}
	if err != nil {
		return c, message.PartyID{}, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, message.PartyID{}, fmt.Errorf("%w: reading %s: %w", ErrDamaged, fileParty, err)
	}
	if c.Format != format || !c.Role.known() || c.Name == "" {
		return c, message.PartyID{}, fmt.Errorf("%w: %s says %+.200v", ErrDamaged, fileParty, c)
	}
	id, err := parseID(c.ID)
	return c, id, err
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%w: %s isn't a small file", ErrDamaged, path)
	}
	return os.ReadFile(path)
}

// readPEM reads a file of exactly one block.
func readPEM(path, kind string) ([]byte, error) {
	raw, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	block, rest := pem.Decode(raw)
	if block == nil || block.Type != kind || len(bytes.TrimSpace(rest)) != 0 {
		return nil, fmt.Errorf("%w: %s isn't one %s in PEM", ErrDamaged, path, kind)
	}
	return block.Bytes, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	der, err := readPEM(path, pemKey)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrDamaged, path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%w: %s isn't a key on P-256", ErrDamaged, path)
	}
	return key, nil
}

func readCert(path string) (*x509.Certificate, error) {
	der, err := readPEM(path, pemCert)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrDamaged, path, err)
	}
	return cert, nil
}

func writeCard(dir string, c card) error {
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, fileParty), append(raw, '\n'), 0o644)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding a key: %w", err)
	}
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der}), 0o600)
}

func writeCert(path string, cert *x509.Certificate) error {
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: cert.Raw}), 0o644)
}

// writeFile makes a new file and sees it on the disk.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}
