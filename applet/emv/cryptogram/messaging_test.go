package cryptogram_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
)

// What another implementation of EMV 4.4's format 1 computes (card42's tests of its own card): keys
// of 11.. and 22.., application cryptogram AABBCCDDEEFF0011.
func TestFormat1AsOthersComputeIt(t *testing.T) {
	ac := block(t, "AABBCCDDEEFF0011")
	mac, encipher := cryptogram.Key(bytes.Repeat([]byte{0x11}, 16)),
		cryptogram.Key(bytes.Repeat([]byte{0x22}, 16))
	head := [4]byte{0x8C, 0x24}
	des := cryptogram.SignChained(cryptogram.SessionKey(mac, ac), ac, head, nil)
	sk, confidential := cryptogram.SessionKeyAES(mac, ac), cryptogram.SessionKeyAES(encipher, ac)
	pin := cryptogram.EncipherAES(confidential, unhex(t, "241234FFFFFFFFFF"))
	first := cryptogram.SignChainedAES(sk, [16]byte(append(ac[:], make([]byte, 8)...)), head,
		append(unhex(t, "871101"), pin...))
	second := cryptogram.SignChainedAES(sk, first, [4]byte{0x8C, 0x18}, nil)
	mine, others := sk.Reveal(), confidential.Reveal()
	for name, v := range map[string]struct {
		got  []byte
		want string
	}{
		"MAC with triple DES":            {des[:], "E99B14DE69EC0CA8"},
		"AES key of MACs":                {mine[:], "101F9A2D865CB4C5F04DF810E2063D8A"},
		"AES key of enciphered data":     {others[:], "B49FF1985C07384B45A27DA1499654A1"},
		"enciphered PIN block":           {pin, "66BF3EAEE484A39148DCDB28D95E786D"},
		"MAC of the first command":       {first[:], "346FDAC65189C7E927C8A9C9C4DAF827"},
		"MAC of the second, hangs on it": {second[:], "12090342118B5B0BCD6F7538D60CE515"},
	} {
		if got := strings.ToUpper(hex.EncodeToString(v.got)); got != v.want {
			t.Errorf("%s: %s, want %s", name, got, v.want)
		}
	}
}

// sides are issuer and card in one transaction.
func sides(s cryptogram.Scheme, mac int) (issuer, card *cryptogram.Messaging) {
	keys := cryptogram.Keys{AC: cryptogram.Key{1}, MAC: cryptogram.Key{2}, Encipher: cryptogram.Key{3}}
	atc, ac := [2]byte{0, 7}, [8]byte{1, 2, 3}
	return s.Messaging(keys, atc, ac, mac), s.Messaging(keys, atc, ac, mac)
}

func TestMessagingRefuses(t *testing.T) {
	for _, s := range cryptogram.Schemes() {
		for n := cryptogram.MinMAC; n <= cryptogram.MaxMAC; n++ {
			for _, c := range []cryptogram.Message{
				{CLA: 0x80, INS: 0x1E},
				{INS: 0xDA, P1: 0x9F, P2: 0x50, Data: []byte{1, 2}},
				{CLA: 0x80, INS: 0x24, P2: 2, Data: make([]byte, 8), Secret: true},
			} {
				spoilEach(t, s, n, c)
			}
		}
		_, card := sides(s, 0)
		for n := range 8 {
			if _, err := card.Open([5]byte{0x80, 0x1E}, make([]byte, n), false); !errors.Is(err,
				cryptogram.ErrNoMAC) {
				t.Errorf("%v, field of %d bytes: %v", s, n, err)
			}
		}
	}
}

// spoilEach changes each byte of a command.
func spoilEach(t *testing.T, s cryptogram.Scheme, mac int, c cryptogram.Message) {
	t.Helper()
	issuer, card := sides(s, mac)
	raw, err := issuer.Seal(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		wrong := slices.Clone(raw)
		wrong[i] ^= 1
		if s.SecureClass() == cryptogram.ClassFormat1 && i == 4 {
			continue // Lc isn't covered: the objects say their lengths
		}
		_, err := card.Open([5]byte(wrong), wrong[5:], c.Secret)
		if !errors.Is(err, cryptogram.ErrMAC) && !errors.Is(err, cryptogram.ErrNoMAC) {
			t.Errorf("%v, %02X, MAC of %d, byte %d: %v", s, c.INS, mac, i, err)
		}
	}
	if _, err := card.Open([5]byte(raw), raw[5:len(raw)-1], c.Secret); err == nil {
		t.Errorf("%v, %02X: a byte less passes", s, c.INS)
	}
	if _, err := card.Open([5]byte(raw), raw[5:], c.Secret); err != nil {
		t.Errorf("%v, %02X, MAC of %d bytes: %v", s, c.INS, mac, err)
	}
}

func TestDataThatDoNotFit(t *testing.T) {
	for _, s := range cryptogram.Schemes() {
		issuer, _ := sides(s, 0)
		for n := 235; n < 256; n++ {
			raw, err := issuer.Seal(cryptogram.Message{INS: 0xDA, Data: make([]byte, n)})
			want := s.FieldLen(n, false, 0)
			switch {
			case want > 255 && !errors.Is(err, cryptogram.ErrLong):
				t.Errorf("%v, %d bytes: a command of %d, %v", s, n, len(raw), err)
			case want <= 255 && (err != nil || len(raw) != 5+want):
				t.Errorf("%v, %d bytes: a command of %d, expected %d, %v", s, n, len(raw), 5+want, err)
			}
		}
	}
}

// MACs of format 1 hang on the command before; those of format 2 don't.
func TestChain(t *testing.T) {
	for _, s := range cryptogram.Schemes() {
		chains := s.SecureClass() == cryptogram.ClassFormat1
		issuer, card := sides(s, 4)
		var sent [3][]byte
		for i := range sent {
			var err error
			if sent[i], err = issuer.Seal(cryptogram.Message{CLA: 0x80, INS: 0x1E}); err != nil {
				t.Fatal(err)
			}
		}
		if same := bytes.Equal(sent[0], sent[1]); same == chains {
			t.Errorf("%v: two equal commands look alike: %t", s, same)
		}
		open := func(i int) bool {
			_, err := card.Open([5]byte(sent[i]), sent[i][5:], false)
			return err == nil
		}
		for n, step := range []struct {
			i  int
			ok bool
		}{{1, false}, {0, true}, {0, false}, {2, false}, {1, true}, {2, true}} {
			if got := open(step.i); got != (step.ok || !chains) {
				t.Errorf("%v, step %d: command %d passes: %t", s, n+1, step.i+1, got)
			}
		}
	}
}

// What is opened is what was sealed, and no other field opens.
func FuzzMessaging(f *testing.F) {
	for s := range len(cryptogram.Schemes()) {
		issuer, _ := sides(cryptogram.Schemes()[s], 0)
		for _, secret := range []bool{false, true} {
			raw, err := issuer.Seal(cryptogram.Message{INS: 0xDA, Data: []byte("abc"), Secret: secret})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(byte(s), secret, raw[5:])
		}
	}
	f.Fuzz(func(t *testing.T, which byte, secret bool, field []byte) {
		s := cryptogram.Schemes()[int(which)%len(cryptogram.Schemes())]
		issuer, card := sides(s, 0)
		header := [5]byte{s.SecureClass(), 0xDA, 0, 0, byte(len(field))}
		data, err := card.Open(header, field, secret)
		if err != nil {
			return
		}
		raw, err := issuer.Seal(cryptogram.Message{INS: 0xDA, Data: data, Secret: secret})
		if err != nil || !bytes.Equal(raw[5:], field) {
			t.Errorf("%v: % X opens to % X, which is sealed as % X, %v", s, field, data, raw, err)
		}
	})
}
