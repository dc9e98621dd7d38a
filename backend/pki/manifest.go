package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// The release manifest's files in the public folder.
const (
	FileManifest          = "release.manifest"
	FileManifestSignature = "release.manifest.sig"
)

const (
	manifestTitle = wire.Label + " release"
	// maxExecutables is how many executables one release may have.
	maxExecutables = 64
	// maxName is the longest software ID, version or executable's name in bytes.
	maxName = 64
)

// Manifest says which executables belong to a release. Its canonical form is text, one line each,
// every line ended by a line feed, the executables in the order of their names:
//
//	tapbench/1 release
//	software tapbench-wallet
//	version 0.1.0
//	sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 tapbench
//
// Names are 1 to 64 characters out of a-z, A-Z, 0-9 and "-_./+".
type Manifest struct {
	Software    string
	Version     string
	Executables []Executable // 1 to 64
}

// Executable is a file by its SHA-256 digest.
type Executable struct {
	Name   string
	Digest message.Hash
}

// NewExecutable digests a file under its base name.
func NewExecutable(path string) (Executable, error) {
	f, err := os.Open(path)
	if err != nil {
		return Executable{}, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Executable{}, errors.Join(err, f.Close())
	}
	return Executable{filepath.Base(path), message.Hash(h.Sum(nil))}, f.Close()
}

// Released reports whether a digest is one of the release's.
func (m Manifest) Released(digest [sha256.Size]byte) bool {
	return slices.ContainsFunc(m.Executables, func(e Executable) bool {
		return e.Digest == digest
	})
}

// Encode returns the canonical form, or [ErrManifest] if there is none.
func (m Manifest) Encode() ([]byte, error) {
	if n := len(m.Executables); n < 1 || n > maxExecutables {
		return nil, fmt.Errorf("%w: %d executables", ErrManifest, n)
	}
	if !plain(m.Software) || !plain(m.Version) {
		return nil, fmt.Errorf("%w: software %.80q, version %.80q", ErrManifest, m.Software, m.Version)
	}
	sorted := slices.SortedFunc(slices.Values(m.Executables), func(a, b Executable) int {
		return strings.Compare(a.Name, b.Name)
	})
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nsoftware %s\nversion %s\n", manifestTitle, m.Software, m.Version)
	for i, e := range sorted {
		if !plain(e.Name) || i > 0 && sorted[i-1].Name == e.Name {
			return nil, fmt.Errorf("%w: executable %.80q", ErrManifest, e.Name)
		}
		fmt.Fprintf(&b, "sha256 %x %s\n", e.Digest, e.Name)
	}
	return b.Bytes(), nil
}

// ParseManifest reads the canonical form and nothing else. It returns [ErrManifest].
func ParseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	if len(raw) > maxFile {
		return m, fmt.Errorf("%w: %d bytes", ErrManifest, len(raw))
	}
	lines := strings.Split(string(raw), "\n")
	if len(lines) < 5 || lines[0] != manifestTitle {
		return m, fmt.Errorf("%w: no heading", ErrManifest)
	}
	m.Software = strings.TrimPrefix(lines[1], "software ")
	m.Version = strings.TrimPrefix(lines[2], "version ")
	for _, line := range lines[3 : len(lines)-1] {
		words := strings.Split(line, " ")
		if len(words) != 3 || words[0] != "sha256" {
			return Manifest{}, fmt.Errorf("%w: line %.120q", ErrManifest, line)
		}
		digest, err := hex.DecodeString(words[1])
		if err != nil || len(digest) != sha256.Size {
			return Manifest{}, fmt.Errorf("%w: digest %.80q", ErrManifest, words[1])
		}
		m.Executables = append(m.Executables, Executable{words[2], message.Hash(digest)})
	}
	canonical, err := m.Encode()
	if err != nil {
		return Manifest{}, err
	}
	if !bytes.Equal(canonical, raw) {
		return Manifest{}, fmt.Errorf("%w: not in its canonical form", ErrManifest)
	}
	return m, nil
}

// releaseDigest is what the provider signs: SHA-256(type || label || canonical form).
func releaseDigest(canonical []byte) message.Hash {
	return sha256.Sum256(append(message.Prefix(wire.MsgRelease), canonical...))
}

// SignManifest returns the canonical form and the software provider's signature over it.
func SignManifest(
	key *ecdsa.PrivateKey, m Manifest,
) (canonical []byte, sig message.Signature, err error) {
	if canonical, err = m.Encode(); err != nil {
		return nil, sig, err
	}
	sig, err = message.Sign(key, releaseDigest(canonical))
	return canonical, sig, err
}

// VerifyManifest checks the signature, then reads the manifest. It returns
// [ErrManifestSignature] or [ErrManifest].
func VerifyManifest(
	provider message.PublicKey, canonical []byte, sig message.Signature,
) (Manifest, error) {
	if err := message.Verify(provider, releaseDigest(canonical), sig); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrManifestSignature, err)
	}
	return ParseManifest(canonical)
}

// PublishManifest signs a manifest with the provider's key and writes manifest and signature into
// a folder, such as [Public], in the place of what was there.
func PublishManifest(dir string, provider *Party, m Manifest) error {
	key := provider.Sign.Reveal()
	if provider.Role != RoleSP || key == nil {
		return fmt.Errorf("%w: a %s signs no releases", ErrUsage, provider.Role)
	}
	canonical, sig, err := SignManifest(key, m)
	if err != nil {
		return err
	}
	// The signature goes first: should only one arrive, the pair doesn't verify.
	text := hex.AppendEncode(nil, sig[:])
	if err := replaceFile(filepath.Join(dir, FileManifestSignature), append(text, '\n')); err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, FileManifest), canonical)
}

// LoadManifest reads manifest and signature from a folder and verifies them.
func LoadManifest(dir string, provider message.PublicKey) (Manifest, error) {
	canonical, err := readFile(filepath.Join(dir, FileManifest))
	if err != nil {
		return Manifest{}, fmt.Errorf("reading the release manifest: %w", err)
	}
	text, err := readFile(filepath.Join(dir, FileManifestSignature))
	if err != nil {
		return Manifest{}, fmt.Errorf("reading the release manifest's signature: %w", err)
	}
	raw, err := hex.DecodeString(strings.TrimSuffix(string(text), "\n"))
	if err != nil || len(raw) != wire.SignatureLen {
		return Manifest{}, fmt.Errorf("%w: %s isn't one", ErrManifestSignature, FileManifestSignature)
	}
	return VerifyManifest(provider, canonical, message.Signature(raw))
}

// replaceFile writes a file beside its place and renames it.
func replaceFile(path string, content []byte) error {
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := writeFile(draft, content, 0o644); err != nil {
		return err
	}
	return os.Rename(draft, path)
}

func plain(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_./+", rune(c)) {
			return false
		}
	}
	return true
}
