package emvcard

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"github.com/rs/zerolog"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/saved"
	"tapbench/applet/wire"
)

// BlankConfig is what a contactless card is made of that isn't personalised yet.
type BlankConfig struct {
	// Name is the payment application's, 5 to 16 bytes. Empty: the one that the store holds.
	Name []byte
	// ATR is the answer to reset. Empty: the one that the store holds.
	ATR []byte
	// Store keeps the state, personalisation and RSA key included. Default: memory.
	Store saved.Store
	// Rand is Config's.
	Rand io.Reader
	// Key makes the card's RSA key of 1,024 bits. Default: by Rand, with exponent 65537.
	Key func(random io.Reader) (*oda.PrivateKey, error)
	// Log is Config's.
	Log zerolog.Logger
}

// blank is what of a card waits for personalisation, and what it was personalised with.
type blank struct {
	name    []byte
	atr     []byte
	makeKey func(random io.Reader) (*oda.PrivateKey, error)
	store   saved.Store
	key     *oda.PrivateKey // nil: not made yet
	// payment and directory are the groupings of the applications; nil: not personalised.
	payment, directory []storedata.Group
	// inner is the state of the personalised card, as its own store has it; nil: none yet.
	inner []byte
}

// Format hides the keys, whatever the verb.
func (*blank) Format(f fmt.State, _ rune) { hide(f, "blank") }

const (
	blankModulus  = 128 // bytes
	blankExponent = 65537
)

// NewBlank returns a contactless card with the state that its store holds, or one that is to be
// personalised by STORE DATA (../EMV.md). Power is off. Errors are those of [New].
func NewBlank(cfg BlankConfig) (*Card, error) {
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Store == nil {
		cfg.Store = &saved.Memory{}
	}
	b := &blank{
		name: bytes.Clone(cfg.Name), atr: bytes.Clone(cfg.ATR), makeKey: cfg.Key, store: cfg.Store,
	}
	if b.makeKey == nil {
		b.makeKey = func(random io.Reader) (*oda.PrivateKey, error) {
			return oda.GenerateKey(random, blankModulus, blankExponent)
		}
	}
	if err := b.load(); err != nil {
		return nil, err
	}
	if n := len(b.name); n < minName || n > maxName {
		return nil, fmt.Errorf("%w: name of %d bytes, expected %d to %d", ErrImage, n, minName, maxName)
	}
	c, err := New(Config{
		Image: b.image(), Store: (*innerStore)(b), Rand: cfg.Rand, Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}
	c.blank = b
	return c, nil
}

// image returns the card as far as it is personalised.
func (b *blank) image() image.Card {
	card := image.Card{ATR: b.atr}
	if b.directory != nil {
		selection := storedata.Find(b.directory, storedata.Selection)
		card.PPSE = &image.Directory{FCI: storedata.FCI([]byte(wire.AIDPPSE), selection)}
	}
	if b.payment != nil {
		a := storedata.Application(b.name, b.payment)
		a.ODA = b.key
		card.Applications = []image.Application{a}
	}
	return card
}

// files are the applications that wait for personalisation.
func (b *blank) files() (files []file) {
	if b == nil {
		return nil
	}
	if b.payment == nil {
		files = append(files, file{at: inBlank, name: b.name, fci: storedata.FCI(b.name, nil)})
	}
	if name := []byte(wire.AIDPPSE); b.directory == nil {
		files = append(files, file{at: inBlankPPSE, name: name, fci: storedata.FCI(name, nil)})
	}
	return files
}
