package oda_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math/big"
	"testing"

	"tapbench/applet/emv/oda"
)

// keyOf makes a key as short as none is made here.
func keyOf(t *testing.T, length int) *oda.PrivateKey {
	t.Helper()
	e, one := big.NewInt(65537), big.NewInt(1)
	for {
		p, err := rand.Prime(rand.Reader, 4*length)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, 4*length)
		if err != nil {
			t.Fatal(err)
		}
		n, order := new(big.Int).Mul(p, q),
			new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		private := new(big.Int).ModInverse(e, order)
		if n.BitLen() != 8*length || p.Cmp(q) == 0 || private == nil {
			continue
		}
		key, err := oda.NewPrivateKey(oda.PublicKey{Modulus: n.Bytes(), Exponent: e.Bytes()},
			private.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
}

// TestCardsWithShortKeysAreTaken has the lengths of keys that are in use, and the shortest one that
// has room for CDA. EMV has no lower bound (Book 2, annex B2.1).
func TestCardsWithShortKeysAreTaken(t *testing.T) {
	for _, length := range []int{64, 80, 96, 112} {
		key := keyOf(t, length)
		c := certified(t, func(_ *oda.IssuerCertificate, c *oda.CardCertificate) { c.Key = key.Public() })
		got, err := c.verify(nil)
		if err != nil || !got.Equal(key.Public()) {
			t.Fatalf("%d bytes: %v", length, err)
		}
		signed, err := oda.Dynamic{
			Number: make([]byte, 8), Combined: &oda.Combined{
				CID: 0x40, Transaction: oda.TransactionHash([]byte("data")),
			},
		}.Sign(key, un)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := oda.VerifyCombined(got, signed, un, 0x40, []byte("data")); err != nil {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
	short := oda.PublicKey{Modulus: bytes.Repeat([]byte{0xFF}, 63), Exponent: []byte{3}}
	if err := short.Check(); !errors.Is(err, oda.ErrKey) {
		t.Errorf("63 bytes: %v, want ErrKey", err)
	}
}
