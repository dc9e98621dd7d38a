package message_test

import (
	"crypto/elliptic"
	"errors"
	"math/big"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

func TestVerify(t *testing.T) {
	digest, other := message.Hash(filled(1, 32)), message.Hash(filled(2, 32))
	key, good := public(t, "se"), sign(t, "se", digest)
	compressed, off := key, key
	compressed[0] = 0x02
	off[64] ^= 1
	order := elliptic.P256().Params().N
	high := good
	new(big.Int).Sub(order, new(big.Int).SetBytes(good[32:])).FillBytes(high[32:])
	noR, noS, flipped := good, good, good
	clear(noR[:32])
	clear(noS[32:])
	flipped[0] ^= 0x80
	bigR := good
	order.FillBytes(bigR[:32])
	for _, row := range []struct {
		name   string
		key    message.PublicKey
		digest message.Hash
		sig    message.Signature
		want   error
	}{
		{"key isn't uncompressed", compressed, digest, good, message.ErrKey},
		{"key isn't on the curve", off, digest, good, message.ErrKey},
		{"key is zero", message.PublicKey{}, digest, good, message.ErrKey},
		{"s is above n/2", key, digest, high, message.ErrHighS},
		{"another key", public(t, "user"), digest, good, message.ErrSignature},
		{"another digest", key, other, good, message.ErrSignature},
		{"a bit of r is flipped", key, digest, flipped, message.ErrSignature},
		{"r is zero", key, digest, noR, message.ErrSignature},
		{"r is n", key, digest, bigR, message.ErrSignature},
		{"s is zero", key, digest, noS, message.ErrSignature},
		{"right", key, digest, good, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := message.Verify(row.key, row.digest, row.sig); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestSignIsLow(t *testing.T) {
	key, pub := signingKey(t, "se"), public(t, "se")
	for i := range 64 {
		digest := message.Hash(filled(byte(i), 32))
		made, err := message.Sign(key, digest)
		if err != nil {
			t.Fatal(err)
		}
		if err := message.Verify(pub, digest, made); err != nil {
			t.Fatalf("signature %d: %v", i, err)
		}
	}
}

func TestCertificateCheck(t *testing.T) {
	const now = 100
	base := message.Certificate{
		Type: wire.CertTSMEpoch, Issuer: party(caName), Subject: message.PartySubject(party(tsmName)),
		Key: public(t, "epoch"), Expiry: now,
	}
	base.Signature = sign(t, "ca", base.Digest())
	change := func(f func(c *message.Certificate)) message.Certificate {
		c := base
		f(&c)
		return c
	}
	for _, row := range []struct {
		name string
		cert message.Certificate
		want error
	}{
		{"another type", change(func(c *message.Certificate) {
			c.Type = wire.CertTSMSign
		}), message.ErrCertificate},
		{
			"another issuer's name", change(func(c *message.Certificate) { c.Issuer[0]++ }),
			message.ErrSignature,
		},
		{
			"another subject", change(func(c *message.Certificate) { c.Subject[0]++ }),
			message.ErrSignature,
		},
		{
			"another key", change(func(c *message.Certificate) { c.Key = public(t, "se") }),
			message.ErrSignature,
		},
		{"another expiry", change(func(c *message.Certificate) { c.Expiry++ }), message.ErrSignature},
		{"signed by somebody else", change(func(c *message.Certificate) {
			c.Signature = sign(t, "se", c.Digest())
		}), message.ErrSignature},
		{"expired", change(func(c *message.Certificate) {
			c.Expiry = now - 1
			c.Signature = sign(t, "ca", c.Digest())
		}), message.ErrExpired},
		{"right, in its last epoch", base, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := row.cert.Check(wire.CertTSMEpoch, public(t, "ca"), now)
			if !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func TestCertificateType(t *testing.T) { // the type is signed, not only compared
	c := message.Certificate{Type: wire.CertBankSign, Key: public(t, "bank sign")}
	c.Signature = sign(t, "ca", c.Digest())
	c.Type = wire.CertBankKEM
	err := c.Check(wire.CertBankKEM, public(t, "ca"), 0)
	if !errors.Is(err, message.ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
}

func TestIssueCertificate(t *testing.T) {
	c, err := message.IssueCertificate(signingKey(t, "ca"), message.Certificate{
		Type: wire.CertSE, Issuer: party(caName), Subject: message.UserID(filled(1, 16)),
		Key: public(t, "se"), Expiry: 7,
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := c.Encode()
	want := join([]byte{0x01}, []byte(caName), filled(1, 16), c.Key[:], []byte{0, 0, 0, 7},
		c.Signature[:])
	if string(raw) != string(want) || len(raw) != wire.CertificateLen {
		t.Errorf("got %x, want %x", raw, want)
	}
	back, err := message.ParseCertificate(raw)
	if err != nil || back != c {
		t.Errorf("got %v, %v", back, err)
	}
	if err := back.Check(wire.CertSE, public(t, "ca"), 7); err != nil {
		t.Error(err)
	}
	for _, n := range []int{0, 157, 159} {
		if _, err := message.ParseCertificate(make([]byte, n)); !errors.Is(err, message.ErrLayout) {
			t.Errorf("%d bytes: got %v, want ErrLayout", n, err)
		}
	}
}
