package personalisetest

import (
	"bytes"
	crand "crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
)

//go:embed ca.json
var caFile []byte

//go:embed keys.json
var keyFile []byte

// Issuer returns the issuer's master keys, of each scheme the same.
func Issuer() []issuer.Keys {
	fill := func(b byte) (k cryptogram.Key) {
		for i := range k {
			k[i] = b + byte(i)
		}
		return k
	}
	master := cryptogram.Keys{AC: fill(0x10), MAC: fill(0x40), Encipher: fill(0x70)}
	var all []issuer.Keys
	for _, scheme := range cryptogram.Schemes() {
		all = append(all, issuer.Keys{Scheme: scheme, Index: 1, Master: master})
	}
	return all
}

// Authority returns the CA.
func Authority(t testing.TB) *authority.Authority {
	t.Helper()
	a, err := authority.Parse(caFile)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// CAKeys returns the CA's keys for the RIDs of a card's applications.
func CAKeys(t testing.TB, card image.Card) oda.CAKeys {
	t.Helper()
	var rids [][oda.RIDLen]byte
	for _, a := range card.Applications {
		rid := [oda.RIDLen]byte(a.AID)
		known := false
		for _, other := range rids {
			known = known || other == rid
		}
		if !known {
			rids = append(rids, rid)
		}
	}
	return Authority(t).CAKeys(rids...)
}

// Card returns a card of a built-in profile.
func Card(t testing.TB, name string) image.Card {
	t.Helper()
	p, err := profile.Builtin(name)
	if err != nil {
		t.Fatal(err)
	}
	return Make(t, p)
}

// Make returns a card of any profile. Keys of lengths that no built-in profile has are drawn.
func Make(t testing.TB, p profile.Profile) image.Card {
	t.Helper()
	card, err := personalise.Card(personalise.Config{
		Profile: p, Authority: Authority(t), Issuer: Issuer(),
		Rand: rand.NewChaCha8([32]byte{}), Draw: Draw,
	})
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// key is one of the kept keys.
type key struct {
	Use      string `json:"use"` // what a field's path ends in
	Bits     int    `json:"bits"`
	Modulus  []byte `json:"modulus"`
	Exponent int    `json:"exponent"`
	Private  []byte `json:"private"`
}

// Draw returns the kept key of that use, length and exponent, or a new one.
func Draw(field string, length, exponent int) (*oda.PrivateKey, error) {
	var kept []key
	if err := json.Unmarshal(keyFile, &kept); err != nil {
		return nil, fmt.Errorf("reading the kept keys: %w", err)
	}
	for _, k := range kept {
		if strings.HasSuffix(field, "."+k.Use) && k.Bits == 8*length && k.Exponent == exponent {
			return oda.NewPrivateKey(oda.PublicKey{
				Modulus: k.Modulus, Exponent: bytes.TrimLeft([]byte{
					byte(exponent >> 16), byte(exponent >> 8), byte(exponent),
				}, "\x00"),
			}, k.Private)
		}
	}
	return oda.GenerateKey(crand.Reader, length, exponent)
}
