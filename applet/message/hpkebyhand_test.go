package message_test

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"testing"
)

// byHand is HPKE's base mode with the export-only AEAD, step by step as RFC 9180 writes it (4, 4.1,
// 5.1 and 5.3), beside crypto/hpke: its intermediate values help whoever writes it for a card.
type byHand struct {
	suite                              []byte // suite_id of the KEM, then of HPKE
	dh, sharedSecret, exporter, keyCtx []byte
}

// newByHand computes a context from either side: dh is the agreement's X coordinate.
func newByHand(t testing.TB, dh, enc, recipient, info []byte) byHand {
	t.Helper()
	kem := append([]byte("KEM"), 0x00, 0x10)
	h := byHand{dh: dh, suite: []byte("HPKE\x00\x10\x00\x01\xFF\xFF")}
	prk := extract(t, kem, nil, "eae_prk", dh)
	kemContext := append(append([]byte{}, enc...), recipient...)
	h.sharedSecret = expand(t, kem, prk, "shared_secret", kemContext, 32)
	h.keyCtx = append([]byte{0x00}, extract(t, h.suite, nil, "psk_id_hash", nil)...)
	h.keyCtx = append(h.keyCtx, extract(t, h.suite, nil, "info_hash", info)...)
	secret := extract(t, h.suite, h.sharedSecret, "secret", nil)
	h.exporter = expand(t, h.suite, secret, "exp", h.keyCtx, 32)
	return h
}

func (h byHand) export(t testing.TB, context []byte, n int) []byte {
	t.Helper()
	return expand(t, h.suite, h.exporter, "sec", context, n)
}

func agree(t testing.TB, key *ecdh.PrivateKey, peer *ecdh.PublicKey) []byte {
	t.Helper()
	dh, err := key.ECDH(peer)
	if err != nil {
		t.Fatal(err)
	}
	return dh
}

func extract(t testing.TB, suite, salt []byte, label string, ikm []byte) []byte {
	t.Helper()
	in := append([]byte("HPKE-v1"), suite...)
	in = append(append(in, label...), ikm...)
	out, err := hkdf.Extract(sha256.New, in, salt)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func expand(t testing.TB, suite, prk []byte, label string, info []byte, n int) []byte {
	t.Helper()
	in := binary.BigEndian.AppendUint16(nil, uint16(n))
	in = append(append(in, "HPKE-v1"...), suite...)
	in = append(append(in, label...), info...)
	out, err := hkdf.Expand(sha256.New, prk, string(in), n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
