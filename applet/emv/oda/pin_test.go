package oda_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"testing"

	"tapbench/applet/emv/oda"
)

func TestEncipheredPINs(t *testing.T) {
	key, err := oda.GenerateKey(rand.Reader, oda.MinModulus, 3)
	if err != nil {
		t.Fatal(err)
	}
	block := [8]byte{0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	challenge := [8]byte{1, 2, 3, 4, 5, 6, 7, 8}
	if _, err := oda.EncipherPIN(rand.Reader, oda.PublicKey{}, block, challenge); !errors.Is(
		err, oda.ErrKey) {
		t.Errorf("no key: %v", err)
	}
	sealed, err := oda.EncipherPIN(rand.Reader, key.Public(), block, challenge)
	if err != nil {
		t.Fatal(err)
	}
	wrong := slices.Clone(sealed)
	wrong[40] ^= 1
	for name, bad := range map[string][]byte{
		"short":               sealed[1:],
		"long":                append(slices.Clone(sealed), 0),
		"empty":               nil,
		"the modulus":         key.Public().Modulus,
		"zero":                make([]byte, oda.MinModulus),
		"a bit is another":    wrong,
		"nothing of the kind": slices.Repeat([]byte{1}, oda.MinModulus),
	} {
		// By chance, one damaged block of 256 begins with 7F: then it says something else.
		got, _, err := oda.DecipherPIN(key, bad)
		if err == nil && got == block || err != nil && !errors.Is(err, oda.ErrPIN) {
			t.Errorf("%s: opens, %v", name, err)
		}
	}
	got, to, err := oda.DecipherPIN(key, sealed)
	if err != nil || got != block || to != challenge {
		t.Errorf("another block or challenge: %v", err)
	}
}
