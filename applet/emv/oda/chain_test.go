package oda_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"tapbench/applet/emv/oda"
)

// keys are made once: RSA takes its time.
var keys = sync.OnceValue(func() (k struct{ authority, issuer, card, long *oda.PrivateKey }) {
	made := make([]*oda.PrivateKey, 4)
	for i, k := range []struct{ length, exponent int }{{144, 3}, {136, 65537}, {128, 3}, {136, 3}} {
		key, err := oda.GenerateKey(rand.Reader, k.length, k.exponent)
		if err != nil {
			panic(err)
		}
		made[i] = key
	}
	k.authority, k.issuer, k.card, k.long = made[0], made[1], made[2], made[3]
	return k
})

var (
	pan    = []byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10}
	static = []byte("records that the AFL marks, and the AIP")
	today  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	un     = []byte{1, 2, 3, 4}
)

// chain is a card's certificates.
type chain struct {
	ca     oda.CAKey
	issuer oda.Certificate
	card   oda.Certificate
}

// certified makes a chain, after mend has changed what is certified.
func certified(t testing.TB, mend func(*oda.IssuerCertificate, *oda.CardCertificate)) chain {
	t.Helper()
	k := keys()
	issuer := oda.IssuerCertificate{
		Identifier: [4]byte{0x47, 0x61, 0x73, 0xFF}, Expiry: oda.Month{0x11, 0x26},
		Serial: oda.Serial{1, 2, 3}, Key: k.issuer.Public(),
	}
	card := oda.CardCertificate{
		PAN:    [10]byte{0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10, 0xFF, 0xFF},
		Expiry: oda.Month{0x12, 0x26}, Key: k.card.Public(),
	}
	if mend != nil {
		mend(&issuer, &card)
	}
	c := chain{ca: oda.CAKey{
		RID: [5]byte{0xF0, 0, 0, 0, 1}, Index: 0x92,
		Expiry: today.AddDate(5, 0, 0).Truncate(24 * time.Hour), Key: k.authority.Public(),
	}}
	var err error
	if c.issuer, err = oda.CertifyIssuer(k.authority, issuer); err != nil {
		t.Fatal(err)
	}
	if c.card, err = oda.CertifyCard(k.issuer, card, static); err != nil {
		t.Fatal(err)
	}
	return c
}

// verify walks down the chain.
func (c chain) verify(revoked oda.Revoked) (oda.PublicKey, error) {
	issuer, err := oda.VerifyIssuer(c.ca, c.issuer, pan, today, revoked)
	if err != nil {
		return oda.PublicKey{}, err
	}
	card, err := oda.VerifyCard(issuer.Key, c.card, static, pan, today)
	return card.Key, err
}

func TestChainRefuses(t *testing.T) {
	flip := func(b []byte) []byte {
		out := bytes.Clone(b)
		out[len(out)/2] ^= 1
		return out
	}
	for name, tt := range map[string]struct {
		certify func(*oda.IssuerCertificate, *oda.CardCertificate)
		change  func(*chain)
		revoked oda.Revoked
		want    error
		clause  string
	}{
		"short issuer certificate": {
			change: func(c *chain) { c.issuer.Block = c.issuer.Block[1:] },
			want:   oda.ErrLength, clause: "6.3 step 1",
		},
		"no issuer certificate": {
			change: func(c *chain) { c.issuer.Block = nil }, want: oda.ErrLength, clause: "6.3 step 1",
		},
		"another authority": {
			change: func(c *chain) { c.issuer.Block = foreign(c.issuer.Block, c.ca.Key) },
			want:   oda.ErrTrailer, clause: "6.3 step 2",
		},
		"a card's certificate for an issuer's": {
			change: func(c *chain) {
				c.ca.Key, c.issuer = keys().issuer.Public(), c.card
			},
			want: oda.ErrFormat, clause: "6.3 step 4",
		},
		"no remainder of the issuer's, where there must be one": {
			change: func(c *chain) { c.issuer.Remainder = nil },
			want:   oda.ErrRemainder, clause: "6.3 step 5",
		},
		"another remainder of the issuer's": {
			change: func(c *chain) { c.issuer.Remainder = flip(c.issuer.Remainder) },
			want:   oda.ErrHash, clause: "6.3 step 7",
		},
		"another exponent of the issuer's": {
			change: func(c *chain) { c.issuer.Exponent = []byte{3} },
			want:   oda.ErrHash, clause: "6.3 step 7",
		},
		"another range of account numbers": {
			certify: func(i *oda.IssuerCertificate, _ *oda.CardCertificate) { i.Identifier[2] = 0x74 },
			want:    oda.ErrIssuer, clause: "6.3 step 8",
		},
		"an identifier of two digits": {
			certify: func(i *oda.IssuerCertificate, _ *oda.CardCertificate) {
				i.Identifier = [4]byte{0x47, 0xFF, 0xFF, 0xFF}
			},
			want: oda.ErrIssuer, clause: "6.3 step 8",
		},
		"issuer over": {
			certify: func(i *oda.IssuerCertificate, _ *oda.CardCertificate) {
				i.Expiry = oda.Month{0x10, 0x26}
			},
			want: oda.ErrExpired, clause: "6.3 step 9",
		},
		"issuer's month is none": {
			certify: func(i *oda.IssuerCertificate, _ *oda.CardCertificate) {
				i.Expiry = oda.Month{0x1A, 0x26}
			},
			want: oda.ErrExpired, clause: "6.3 step 9",
		},
		"revoked": {
			revoked: func(_ [5]byte, index byte, s oda.Serial) bool {
				return index == 0x92 && s == oda.Serial{1, 2, 3}
			},
			want: oda.ErrRevoked, clause: "6.3 step 10",
		},
		"short card certificate": {
			change: func(c *chain) { c.card.Block = c.card.Block[1:] },
			want:   oda.ErrLength, clause: "6.4 step 1",
		},
		"another issuer": {
			change: func(c *chain) {
				c.card.Block = foreign(c.card.Block, keys().issuer.Public())
			},
			want: oda.ErrTrailer, clause: "6.4 step 2",
		},
		"signed static data for a card's certificate": {
			change: func(c *chain) {
				c.card.Block = oda.SignStatic(keys().issuer, oda.AuthCode{}, static)
			},
			want: oda.ErrFormat, clause: "6.4 step 4",
		},
		"no remainder of the card's, where there must be one": {
			change: func(c *chain) { c.card.Remainder = nil },
			want:   oda.ErrRemainder, clause: "6.4 step 5",
		},
		"another remainder of the card's": {
			change: func(c *chain) { c.card.Remainder = append(c.card.Remainder, 0) },
			want:   oda.ErrHash, clause: "6.4 step 7",
		},
		"another card": {
			certify: func(_ *oda.IssuerCertificate, c *oda.CardCertificate) { c.PAN[7] = 0x11 },
			want:    oda.ErrPAN, clause: "6.4 step 8",
		},
		"card over": {
			certify: func(_ *oda.IssuerCertificate, c *oda.CardCertificate) {
				c.Expiry = oda.Month{0x10, 0x26}
			},
			want: oda.ErrExpired, clause: "6.4 step 9",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := certified(t, tt.certify)
			if tt.change != nil {
				tt.change(&c)
			}
			_, err := c.verify(tt.revoked)
			var refusal *oda.Error
			if !errors.Is(err, tt.want) || !errors.As(err, &refusal) || refusal.Clause != tt.clause {
				t.Errorf("%v, want %v by %s", err, tt.want, tt.clause)
			}
		})
	}
}

func TestStaticDataAreSigned(t *testing.T) {
	c := certified(t, nil)
	issuer, err := oda.VerifyIssuer(c.ca, c.issuer, pan, today, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = oda.VerifyCard(issuer.Key, c.card, static[1:], pan, today)
	if !errors.Is(err, oda.ErrHash) {
		t.Errorf("card certificate: %v, want ErrHash", err)
	}
	signed := oda.SignStatic(keys().issuer, oda.AuthCode{0xDA, 0xC0}, static)
	code, err := oda.VerifyStatic(issuer.Key, signed, static)
	if err != nil || code != (oda.AuthCode{0xDA, 0xC0}) {
		t.Errorf("code %X, %v", code, err)
	}
	for name, tt := range map[string]struct {
		signed, static []byte
		want           error
	}{
		"other data":         {signed, static[1:], oda.ErrHash},
		"short":              {signed[1:], static, oda.ErrLength},
		"a card certificate": {c.card.Block, static, oda.ErrFormat},
		"zeros":              {make([]byte, len(signed)), static, oda.ErrTrailer},
	} {
		if _, err := oda.VerifyStatic(issuer.Key, tt.signed, tt.static); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestChainLeadsToTheCardsKey(t *testing.T) {
	for _, card := range []*oda.PrivateKey{keys().card, keys().long} {
		c := certified(t, func(_ *oda.IssuerCertificate, c *oda.CardCertificate) { c.Key = card.Public() })
		key, err := c.verify(nil)
		if err != nil {
			t.Fatal(err)
		}
		if !key.Equal(card.Public()) {
			t.Errorf("got %X", key.Modulus)
		}
	}
}

func TestMonthIsValidToItsLastDay(t *testing.T) {
	for _, tt := range []struct {
		month oda.Month
		day   string
		over  bool
	}{
		{oda.Month{0x11, 0x26}, "2026-11-30", false},
		{oda.Month{0x11, 0x26}, "2026-12-01", true},
		{oda.Month{0x12, 0x26}, "2026-12-31", false},
		{oda.Month{0x12, 0x26}, "2027-01-01", true},
		{oda.Month{0x01, 0x49}, "2026-12-01", false},
		{oda.Month{0x12, 0x50}, "2026-12-01", true}, // 1950
		{oda.Month{0x00, 0x30}, "2026-12-01", true},
		{oda.Month{0x13, 0x30}, "2026-12-01", true},
	} {
		day, err := time.Parse(time.DateOnly, tt.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.month.Over(day); got != tt.over {
			t.Errorf("%X on %s: over %v", tt.month, tt.day, got)
		}
	}
}

func TestKeysThatAreNotAllowed(t *testing.T) {
	for _, tt := range []struct{ length, exponent int }{{127, 3}, {249, 3}, {128, 5}, {128, 1}} {
		if _, err := oda.GenerateKey(rand.Reader, tt.length, tt.exponent); !errors.Is(err, oda.ErrKey) {
			t.Errorf("%v: %v, want ErrKey", tt, err)
		}
	}
	k := keys()
	_, err := oda.CertifyIssuer(k.card, oda.IssuerCertificate{Key: k.issuer.Public()})
	if !errors.Is(err, oda.ErrKey) {
		t.Errorf("an issuer's key longer than the authority's: %v", err)
	}
	_, err = oda.CertifyCard(k.card, oda.CardCertificate{Key: k.issuer.Public()}, nil)
	if !errors.Is(err, oda.ErrKey) {
		t.Errorf("a card's key longer than the issuer's: %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		if out := fmt.Sprintf(verb, k.card); !strings.Contains(out, "hidden") {
			t.Errorf("%s prints the key: %.40s", verb, out)
		}
	}
}

func TestAShortKeyFitsIntoALongCertificate(t *testing.T) {
	authority, err := oda.GenerateKey(rand.Reader, 176, 3)
	if err != nil {
		t.Fatal(err)
	}
	c, err := oda.CertifyIssuer(authority, oda.IssuerCertificate{
		Identifier: [4]byte{0x47, 0x61, 0x73, 0xFF}, Expiry: oda.MonthOf(today),
		Key: keys().card.Public(),
	})
	if err != nil || len(c.Remainder) > 0 {
		t.Fatalf("remainder %X, %v", c.Remainder, err)
	}
	ca := oda.CAKey{Key: authority.Public()}
	got, err := oda.VerifyIssuer(ca, c, pan, today, nil)
	if err != nil || !got.Key.Equal(keys().card.Public()) {
		t.Errorf("%+v, %v", got, err)
	}
}

// foreign returns a block that another key has signed: it opens to bytes of chance. One in 256 ends
// as a right one does; that isn't the one.
func foreign(block []byte, by oda.PublicKey) []byte {
	const trailer = 0xBC
	n, e := new(big.Int).SetBytes(by.Modulus), new(big.Int).SetBytes(by.Exponent)
	other := bytes.Clone(block)
	for {
		other[len(other)-1]++
		opened := new(big.Int).Exp(new(big.Int).SetBytes(other), e, n)
		if new(big.Int).And(opened, big.NewInt(0xFF)).Int64() != trailer {
			return other
		}
	}
}
