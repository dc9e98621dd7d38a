package emvcardtest

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc"
)

// Kind is what a card is like before a test changes it.
type Kind byte

// The kinds.
const (
	// Contact has PSE and PPSE, a second GENERATE AC, SDA, DDA and CDA, a PIN, limits and a log.
	Contact Kind = iota
	// Contactless has a PPSE, and one GENERATE AC ends a transaction; DDA and CDA.
	Contactless
)

// What the cards hold.
const (
	PAN      = "9999990000000003"
	PIN      = "1234"
	Sequence = 1
)

// AID is the first application's name.
func AID() []byte { return []byte("\xF0TAPBENCH\x10") }

// Fixture is a card's image with the keys of those who made it.
type Fixture struct {
	Image     image.Card
	Authority oda.CAKey       // the scheme's key, as a terminal knows it
	Issuer    cryptogram.Keys // the issuer's master keys
}

// App returns the image's application, the first one.
func (f *Fixture) App() *image.Application { return &f.Image.Applications[0] }

// New makes a card. Each change is applied to its application before records and certificates are
// made of it: lists, AIP, PAN, keys. A nil ODA key after the changes leaves DDA and CDA out.
func New(tb testing.TB, kind Kind, changes ...func(*image.Application)) *Fixture {
	tb.Helper()
	keys := rsaKeys()
	if keys.err != nil {
		tb.Fatal(keys.err)
	}
	f := &Fixture{Issuer: issuerKeys()}
	aid := AID()
	f.Authority = oda.CAKey{
		RID: [oda.RIDLen]byte(aid[:oda.RIDLen]), Index: caIndex, Key: keys.authority.Public(),
		Expiry: time.Date(2035, 12, 31, 0, 0, 0, 0, time.UTC),
	}
	a := application(kind, keys.card)
	for _, change := range changes {
		change(&a)
	}
	var err error
	if a.Keys, err = a.Scheme.Derive(f.Issuer, a.PAN, a.Sequence); err != nil {
		tb.Fatal(err)
	}
	a.FCI = fci(&a)
	if err := personalise(&a, keys); err != nil {
		tb.Fatal(err)
	}
	f.Image = card(kind, a)
	return f
}

// Card returns the card with power and, if store isn't nil, with its state there.
func (f *Fixture) Card(tb testing.TB, store saved.Store) *emvcard.Card {
	tb.Helper()
	c, err := emvcard.New(emvcard.Config{Image: f.Image, Store: store})
	if err != nil {
		tb.Fatal(err)
	}
	c.PowerOn()
	return c
}

// Session returns a session with a card that the test ends.
func (f *Fixture) Session(tb testing.TB, card pcsc.Processor) *pcsc.Session {
	tb.Helper()
	session := pcsc.NewSession(pcsc.NewDirect(card))
	tb.Cleanup(func() { _ = session.Close() })
	return session
}

// keySet are the RSA keys of all test cards: making them takes longer than using them.
type keySet struct {
	authority, issuer, card *oda.PrivateKey
	err                     error
}

//nolint:gochecknoglobals // made once for all tests of a process
var rsaKeys = sync.OnceValue(func() (k keySet) {
	for _, key := range []struct {
		to     **oda.PrivateKey
		length int
	}{{&k.authority, 144}, {&k.issuer, 128}, {&k.card, 128}} {
		if *key.to, k.err = oda.GenerateKey(rand.Reader, key.length, 3); k.err != nil {
			return k
		}
	}
	return k
})

func issuerKeys() cryptogram.Keys {
	fill := func(b byte) (k cryptogram.Key) {
		for i := range k {
			k[i] = b + byte(i)
		}
		return k
	}
	return cryptogram.Keys{AC: fill(0x10), MAC: fill(0x40), Encipher: fill(0x70)}
}
