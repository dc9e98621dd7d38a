package issuer

import (
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
)

// Keys are an issuer's master keys of one scheme. They print as "Keys(hidden)".
type Keys struct {
	Scheme cryptogram.Scheme
	// Index is the derivation key index, which a card names in its issuer application data.
	Index  byte
	Master cryptogram.Keys
}

// Format hides the keys, whatever the verb.
func (Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Keys(hidden)") }

// MarshalText hides the keys. A key file is [Keys.Encode]'s.
func (Keys) MarshalText() ([]byte, error) { return []byte("Keys(hidden)"), nil }

// GenerateKeys draws keys of a scheme, with index 1. An error is random's.
func GenerateKeys(random io.Reader, scheme cryptogram.Scheme) (Keys, error) {
	keys := Keys{Scheme: scheme, Index: 1}
	master := &keys.Master
	for _, k := range []*cryptogram.Key{&master.AC, &master.MAC, &master.Encipher} {
		if _, err := io.ReadFull(random, k[:]); err != nil {
			return Keys{}, fmt.Errorf("drawing an issuer's keys: %w", err)
		}
	}
	return keys, nil
}

// Card derives the master keys of a card: an account number of 12 to 19 digits, and its sequence
// number, 0 to 99. An error wraps [cryptogram.ErrPAN] or [cryptogram.ErrScheme].
func (k Keys) Card(pan string, sequence byte) (cryptogram.Keys, error) {
	keys, err := k.Scheme.Derive(k.Master, pan, sequence)
	if err != nil {
		return cryptogram.Keys{}, fmt.Errorf("deriving a card's keys: %w", err)
	}
	return keys, nil
}

// check says whether a card's issuer application data are of this scheme and key.
func (k Keys) check(iad []byte) error {
	const plainLen, versionAt = 7, 2
	version := byte(0)
	switch k.Scheme {
	case cryptogram.VersionCCD:
		d, err := cryptogram.ParseCCDIAD(iad)
		if err != nil {
			return err //nolint:wrapcheck // it says what it is
		}
		return k.checkIndex(d.KeyIndex)
	case cryptogram.VersionCVN10:
		version = cryptogram.CVN10Byte
	case cryptogram.VersionCVN18:
		version = cryptogram.CVN18Byte
	}
	if len(iad) < plainLen || iad[versionAt] != version {
		return fmt.Errorf("%w: issuer application data aren't those of %v", ErrRequest, k.Scheme)
	}
	return k.checkIndex(iad[1])
}

func (k Keys) checkIndex(index byte) error {
	if index != k.Index {
		return fmt.Errorf("%w: card has key index %d, the issuer's keys have %d", ErrRequest, index,
			k.Index)
	}
	return nil
}
