package oda_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"tapbench/applet/emv/oda"
)

// TestNewPrivateKey keeps a key and puts it together again.
func TestNewPrivateKey(t *testing.T) {
	t.Parallel()
	key, err := oda.GenerateKey(rand.Reader, oda.MinModulus, 3)
	if err != nil {
		t.Fatal(err)
	}
	public, private := key.Public(), key.Reveal()
	other := bytes.Clone(private)
	other[len(other)-1] ^= 0x02
	for name, c := range map[string]struct {
		public  oda.PublicKey
		private []byte
	}{
		"another private exponent":                         {public, other},
		"no private exponent":                              {public, nil},
		"private exponent that is longer than the modulus": {public, append([]byte{0}, private...)},
		"another public exponent": {
			oda.PublicKey{Modulus: public.Modulus, Exponent: []byte{1, 0, 1}}, private,
		},
		"short modulus": {
			oda.PublicKey{Modulus: public.Modulus[1:], Exponent: []byte{3}}, private,
		},
		"no key": {},
	} {
		if _, err := oda.NewPrivateKey(c.public, c.private); !errors.Is(err, oda.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	again, err := oda.NewPrivateKey(public, private)
	if err != nil {
		t.Fatal(err)
	}
	static := []byte("static data")
	signed := oda.SignStatic(again, oda.AuthCode{1, 2}, static)
	if !slices.Equal(signed, oda.SignStatic(key, oda.AuthCode{1, 2}, static)) {
		t.Error("it signs otherwise than before")
	}
	if _, err := oda.VerifyStatic(public, signed, static); err != nil {
		t.Error(err)
	}
}
