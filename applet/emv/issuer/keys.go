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
	// MACLen is how many bytes of a MAC its scripts carry, 4 to 8; 0: 8. Its cards ask for as many.
	MACLen byte
}

// Format hides the keys, whatever the verb.
func (Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Keys(hidden)") }

// MarshalText hides the keys. A key file is [Encode]'s.
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

// GenerateEach draws keys of each scheme. An error is random's.
func GenerateEach(random io.Reader) ([]Keys, error) {
	var all []Keys
	for _, scheme := range cryptogram.Schemes() {
		keys, err := GenerateKeys(random, scheme)
		if err != nil {
			return nil, err
		}
		all = append(all, keys)
	}
	return all, nil
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

// keysFor finds the keys that a card's issuer application data name, or says [ErrRequest].
func keysFor(all []Keys, iad []byte) (Keys, error) {
	scheme, index := named(iad)
	for _, k := range all {
		if k.Scheme == scheme && k.Index == index {
			return k, nil
		}
	}
	if scheme == 0 {
		return Keys{}, fmt.Errorf("%w: issuer application data of no scheme that is known", ErrRequest)
	}
	return Keys{}, fmt.Errorf("%w: the issuer has no keys of %v with index %d", ErrRequest, scheme,
		index)
}

// named is the scheme of issuer application data, 0 for none, and the index of the keys.
func named(iad []byte) (cryptogram.Scheme, byte) {
	if d, err := cryptogram.ParseCCDIAD(iad); err == nil {
		if d.TripleDES {
			return cryptogram.VersionCCD3DES, d.KeyIndex
		}
		return cryptogram.VersionCCD, d.KeyIndex
	}
	const plainLen, indexAt, versionAt = 7, 1, 2
	if len(iad) < plainLen {
		return 0, 0
	}
	switch iad[versionAt] {
	case cryptogram.CVN10Byte:
		return cryptogram.VersionCVN10, iad[indexAt]
	case cryptogram.CVN18Byte:
		return cryptogram.VersionCVN18, iad[indexAt]
	}
	return 0, 0
}
