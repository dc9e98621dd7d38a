package image

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
)

// ErrEncoded means that bytes aren't a card as Encode writes it.
var ErrEncoded = errors.New("not an encoded card")

// MaxEncoded is the longest encoded card, in bytes: eight applications with all that fits in.
const MaxEncoded = 1 << 18

// encodedCard is a card in JSON. What it embeds is written as it is, but for the fields that stand
// here again: keys, which by themselves print as a mask.
type encodedCard struct {
	Card

	Applications []encodedApplication
}

type encodedApplication struct {
	Application

	Keys        encodedKeys
	ODA, PINKey *encodedKey
}

type encodedKeys struct{ AC, MAC, Encipher []byte }

type encodedKey struct{ Modulus, Exponent, Private []byte }

// Encode returns a card with its keys in clear, for whoever keeps it.
func Encode(c Card) ([]byte, error) {
	out := encodedCard{Card: c}
	for _, a := range c.Applications {
		ac, mac, encipher := a.Keys.AC.Reveal(), a.Keys.MAC.Reveal(), a.Keys.Encipher.Reveal()
		out.Applications = append(out.Applications, encodedApplication{
			Application: a,
			Keys:        encodedKeys{AC: ac[:], MAC: mac[:], Encipher: encipher[:]},
			ODA:         encodeKey(a.ODA), PINKey: encodeKey(a.PINKey),
		})
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encoding a card: %w", err)
	}
	return raw, nil
}

func encodeKey(k *oda.PrivateKey) *encodedKey {
	if k == nil {
		return nil
	}
	public := k.Public()
	return &encodedKey{Modulus: public.Modulus, Exponent: public.Exponent, Private: k.Reveal()}
}

// Parse reads what Encode has written. What the card's parts say the card itself looks at. An
// error wraps [ErrEncoded].
func Parse(raw []byte) (Card, error) {
	if len(raw) > MaxEncoded {
		return Card{}, fmt.Errorf("%w: more than %d bytes", ErrEncoded, MaxEncoded)
	}
	var in encodedCard
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return Card{}, fmt.Errorf("%w: %w", ErrEncoded, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Card{}, fmt.Errorf("%w: something follows its end", ErrEncoded)
	}
	card := in.Card
	for i, e := range in.Applications {
		a, err := e.application()
		if err != nil {
			return Card{}, fmt.Errorf("%w: application %d: %w", ErrEncoded, i+1, err)
		}
		card.Applications = append(card.Applications, a)
	}
	return card, nil
}

func (e encodedApplication) application() (Application, error) {
	a := e.Application
	for _, k := range []struct {
		from []byte
		into *cryptogram.Key
	}{{e.Keys.AC, &a.Keys.AC}, {e.Keys.MAC, &a.Keys.MAC}, {e.Keys.Encipher, &a.Keys.Encipher}} {
		if len(k.from) != cryptogram.KeyLen {
			return a, fmt.Errorf("key of %d bytes, expected %d", len(k.from), cryptogram.KeyLen)
		}
		*k.into = cryptogram.Key(k.from)
	}
	var err error
	if a.ODA, err = e.ODA.key(); err != nil {
		return a, err
	}
	a.PINKey, err = e.PINKey.key()
	return a, err
}

func (k *encodedKey) key() (*oda.PrivateKey, error) {
	if k == nil {
		return nil, nil //nolint:nilnil // the card has none
	}
	return oda.NewPrivateKey(oda.PublicKey{Modulus: k.Modulus, Exponent: k.Exponent}, k.Private)
}
