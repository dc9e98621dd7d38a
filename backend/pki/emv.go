package pki

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/emvcard/seed"
)

// EMVFolder is the subfolder that holds the keys of EMV cards. [Init] leaves it as it is: cards
// that are about stay known.
const EMVFolder = "emv"

// The files in it: the test CA, and the issuer's master keys of each scheme.
const (
	fileAuthority = "ca.json"
	fileIssuer    = "issuer.json"
)

// EMV are the keys behind a bench's EMV cards.
type EMV struct {
	Dir       string
	Authority *authority.Authority
	Issuer    []issuer.Keys // one set of each scheme
	// Drawn says that they were drawn just now.
	Drawn bool
}

// emvYear is the last year that two digits on a card can mean (EMV 4.3 Book 4, 6.7.3): the keys
// last until its end, so that no card outlasts them.
const emvYear = 2049

// OpenEMV opens a folder of keys for EMV cards: a test CA, and an issuer's master keys of each
// scheme. A folder that isn't there is made, with keys drawn once; it is there whole or not at all.
// It returns [ErrDamaged] for one that lacks a file or has a malformed one.
func OpenEMV(dir string) (EMV, error) { return openEMV(dir, rand.Reader, rand.Reader) }

// OpenEMVFrom is [OpenEMV], but that keys which have to be drawn are those of a seed: they are no
// secrets.
func OpenEMVFrom(dir, text string) (EMV, error) {
	return openEMV(dir, seed.Reader(text, seed.Authority), seed.Reader(text, seed.Issuer))
}

// openEMV takes the randomness for the CA and that for the issuer.
func openEMV(dir string, forCA, forIssuer io.Reader) (keys EMV, err error) {
	if _, missing := os.Stat(dir); errors.Is(missing, fs.ErrNotExist) {
		keys, err = drawEMV(dir, forCA, forIssuer)
	} else {
		keys, err = readEMV(dir)
	}
	if err != nil {
		return EMV{}, fmt.Errorf("opening the EMV keys in %s: %w", dir, err)
	}
	return keys, nil
}

// readEMV reads the folder.
func readEMV(dir string) (EMV, error) {
	keys := EMV{Dir: dir}
	raw, err := readFile(filepath.Join(dir, fileAuthority))
	if err != nil {
		return EMV{}, fmt.Errorf("%w: %s: %w", ErrDamaged, fileAuthority, err)
	}
	if keys.Authority, err = authority.Parse(raw); err != nil {
		return EMV{}, fmt.Errorf("%w: %s: %w", ErrDamaged, fileAuthority, err)
	}
	if raw, err = readFile(filepath.Join(dir, fileIssuer)); err != nil {
		return EMV{}, fmt.Errorf("%w: %s: %w", ErrDamaged, fileIssuer, err)
	}
	config, err := issuer.ParseFile(raw)
	if err != nil {
		return EMV{}, fmt.Errorf("%w: %s: %w", ErrDamaged, fileIssuer, err)
	}
	keys.Issuer = config.Keys
	return keys, nil
}

// drawEMV makes the folder. If somebody else does meanwhile, theirs is taken.
func drawEMV(dir string, forCA, forIssuer io.Reader) (EMV, error) {
	ca, err := authority.Draw(forCA, time.Date(emvYear, time.December, 31, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return EMV{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return EMV{}, err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".emv-")
	if err != nil {
		return EMV{}, err
	}
	if err = writeEMV(work, ca, forIssuer); err == nil {
		err = os.Rename(work, dir)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(work))
		if theirs, read := readEMV(dir); read == nil {
			return theirs, nil
		}
		return EMV{}, err
	}
	keys, err := readEMV(dir)
	keys.Drawn = true
	return keys, err
}

func writeEMV(dir string, ca *authority.Authority, forIssuer io.Reader) error {
	raw, err := ca.Encode()
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, fileAuthority), raw, 0o600); err != nil {
		return err
	}
	keys, err := issuer.GenerateEach(forIssuer)
	if err != nil {
		return err
	}
	pins, err := drawPINs(forIssuer)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, fileIssuer), issuer.Encode(keys, pins), 0o600)
}

// drawPINs draws the key that terminals encipher PINs for the issuer under. The PIN of its cards is
// that of the built-in profiles.
func drawPINs(random io.Reader) (issuer.PINs, error) {
	key, err := pinblock.GenerateKey(random)
	if err != nil {
		return issuer.PINs{}, err
	}
	p, err := profile.Builtin("contact")
	if err != nil {
		return issuer.PINs{}, err
	}
	pins := issuer.PINs{Key: &key}
	for _, a := range p.Applications {
		if a.PIN != nil {
			pins.Other, err = pinblock.ParsePIN(a.PIN.Digits)
		}
	}
	return pins, err
}
