package oda_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/oda"
)

func TestDynamicRefuses(t *testing.T) {
	card := keys().card
	signed, err := oda.Dynamic{Number: []byte{1, 2, 3}}.Sign(card, un)
	if err != nil {
		t.Fatal(err)
	}
	got, err := oda.VerifyDynamic(card.Public(), signed, un)
	if err != nil || !bytes.Equal(got.Number, []byte{1, 2, 3}) {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, tt := range map[string]struct {
		key      oda.PublicKey
		signed   []byte
		terminal []byte
		want     error
	}{
		"another challenge": {card.Public(), signed, []byte{1, 2, 3, 5}, oda.ErrHash},
		"another key":       {keys().issuer.Public(), signed, un, oda.ErrLength},
		"cut off":           {card.Public(), signed[:127], un, oda.ErrLength},
		"zeros":             {card.Public(), make([]byte, 128), un, oda.ErrTrailer},
		"static data": {
			card.Public(), oda.SignStatic(card, oda.AuthCode{}, un), un, oda.ErrFormat,
		},
	} {
		if _, err := oda.VerifyDynamic(tt.key, tt.signed, tt.terminal); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for _, number := range [][]byte{nil, {1}, make([]byte, 9)} {
		if _, err := (oda.Dynamic{Number: number}).Sign(card, un); !errors.Is(err, oda.ErrDynamic) {
			t.Errorf("a number of %d bytes: %v", len(number), err)
		}
	}
}

func TestCombinedRefuses(t *testing.T) {
	card := keys().card
	const tc = 0x40
	given := [][]byte{[]byte("PDOL"), []byte("CDOL1"), []byte("answer")}
	said := oda.Combined{CID: tc, Cryptogram: [8]byte{8, 7}, Transaction: oda.TransactionHash(given...)}
	signed, err := oda.Dynamic{Number: make([]byte, 8), Combined: &said}.Sign(card, un)
	if err != nil {
		t.Fatal(err)
	}
	got, err := oda.VerifyCombined(card.Public(), signed, un, tc, given...)
	if err != nil || !cmp.Equal(*got.Combined, said) {
		t.Fatalf("%+v, %v", got, err)
	}
	said.Relay = []byte("entropy+ENTROP")
	relayed, err := oda.Dynamic{Number: make([]byte, 8), Combined: &said}.Sign(card, un)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = oda.VerifyCombined(card.Public(), relayed, un, tc, given...); err != nil ||
		!cmp.Equal(*got.Combined, said) {
		t.Fatalf("%+v, %v", got, err)
	}
	said.Relay = said.Relay[1:]
	if _, err = (oda.Dynamic{Number: make([]byte, 8), Combined: &said}).Sign(card, un); !errors.Is(
		err, oda.ErrDynamic) {
		t.Errorf("relay resistance data of 13 bytes: %v", err)
	}
	plain, err := oda.Dynamic{Number: make([]byte, 8)}.Sign(card, un)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		signed []byte
		un     []byte
		cid    byte
		given  [][]byte
		want   error
	}{
		"another number":      {signed, []byte{9, 9, 9, 9}, tc, given, oda.ErrHash},
		"another CID":         {signed, un, 0x80, given, oda.ErrCryptogram},
		"another transaction": {signed, un, tc, given[1:], oda.ErrTransaction},
		"DDA for CDA":         {plain, un, tc, given, oda.ErrDynamic},
		"cut off":             {signed[1:], un, tc, given, oda.ErrLength},
	} {
		got, err := oda.VerifyCombined(card.Public(), tt.signed, tt.un, tt.cid, tt.given...)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if errors.Is(tt.want, oda.ErrCryptogram) && (got.Combined == nil || got.Combined.CID != tc) {
			t.Errorf("%s: %+v, want what was signed", name, got)
		}
	}
}

// FuzzVerify shows blocks of any content, signed by the right key, to all verifiers.
func FuzzVerify(f *testing.F) {
	f.Add([]byte{5, 1, 38, 8}, []byte{1})
	f.Add([]byte{2, 0x47, 0x61}, []byte{3})
	f.Fuzz(func(t *testing.T, fields, more []byte) {
		card := keys().card
		block := oda.SealForTest(card, fields, more)
		cert := oda.Certificate{Block: block, Remainder: more, Exponent: []byte{3}}
		ca := oda.CAKey{Key: card.Public()}
		if c, err := oda.VerifyIssuer(ca, cert, pan, today, nil); err == nil && c.Key.Check() != nil {
			t.Errorf("took issuer's key %+v", c)
		}
		said, err := oda.VerifyCard(card.Public(), cert, more, pan, today)
		if err == nil && said.Key.Check() != nil {
			t.Errorf("took card's key %+v", said)
		}
		_, _ = oda.VerifyStatic(card.Public(), block, more)
		if d, err := oda.VerifyDynamic(card.Public(), block, more); err == nil && len(d.Number) < 2 {
			t.Errorf("took %+v", d)
		}
		if d, err := oda.VerifyCombined(card.Public(), block, more, 0x40, more); err == nil &&
			d.Combined.CID != 0x40 {
			t.Errorf("took %+v", d)
		}
	})
}
