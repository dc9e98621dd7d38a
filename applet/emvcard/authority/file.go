package authority

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/applet/emv/oda"
)

// MaxLen is the longest file, in bytes.
const MaxLen = 64 << 10

const format = "tapbench-emv-ca v1"

// file is a CA as it is kept.
type file struct {
	Format string    `json:"format"`
	Expiry string    `json:"expiry"` // 2049-12-31
	Keys   []fileKey `json:"keys"`
}

// fileKey is a key. All texts are hexadecimal digits.
type fileKey struct {
	Index    string `json:"index"`
	Modulus  string `json:"modulus"`
	Exponent string `json:"exponent"`
	Private  string `json:"private"` // the private exponent
}

// Encode returns the CA with its private keys, in JSON, for [Parse].
func (a *Authority) Encode() ([]byte, error) {
	f := file{Format: format, Expiry: a.expiry.Format(time.DateOnly)}
	for _, k := range a.keys {
		public := k.private.Public()
		f.Keys = append(f.Keys, fileKey{
			Index: digits([]byte{k.index}), Modulus: digits(public.Modulus),
			Exponent: digits(public.Exponent), Private: digits(k.private.Reveal()),
		})
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	return append(raw, '\n'), err
}

func digits(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }

// Parse reads what Encode has written. An error wraps [ErrAuthority] and says where.
func Parse(raw []byte) (*Authority, error) {
	if len(raw) > MaxLen {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrAuthority, MaxLen)
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAuthority, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows its end", ErrAuthority)
	}
	if f.Format != format || len(f.Keys) != len(lengths()) {
		return nil, fmt.Errorf("%w: expected format %q and %d keys", ErrAuthority, format,
			len(lengths()))
	}
	expiry, err := time.Parse(time.DateOnly, f.Expiry)
	if err != nil {
		return nil, fmt.Errorf("%w: expiry: expected a day such as 2049-12-31", ErrAuthority)
	}
	a := &Authority{expiry: expiry}
	for i, k := range f.Keys {
		private, err := k.key()
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrAuthority, i+1, err)
		}
		index := FirstIndex + byte(i)
		if k.Index != digits([]byte{index}) || len(private.Public().Modulus) != lengths()[i] {
			return nil, fmt.Errorf("%w: key %d: expected index %02X and %d bits", ErrAuthority, i+1,
				index, 8*lengths()[i])
		}
		a.keys = append(a.keys, key{index, private})
	}
	return a, nil
}

func (k fileKey) key() (*oda.PrivateKey, error) {
	modulus, err := hex.DecodeString(k.Modulus)
	if err != nil {
		return nil, fmt.Errorf("modulus: %w", err)
	}
	exponent, err := hex.DecodeString(k.Exponent)
	if err != nil {
		return nil, fmt.Errorf("exponent: %w", err)
	}
	private, err := hex.DecodeString(k.Private)
	if err != nil {
		return nil, errors.New("private: expected hexadecimal digits") // without a byte of it
	}
	return oda.NewPrivateKey(oda.PublicKey{Modulus: modulus, Exponent: exponent}, private)
}
