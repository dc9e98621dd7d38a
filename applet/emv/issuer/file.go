package issuer

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/jsonfile"
)

// ErrFile means that bytes aren't an issuer's file. The text says where, and no key.
var ErrFile = errors.New("not an issuer's file")

// Format names the files of this package. What they hold, docs/emv-issuer.schema.json says.
const Format = "tapbench-emv-issuer v1"

// maxFile is how long a file may be, in bytes.
const maxFile = 1 << 20

// file is a [Config] as JSON.
type file struct {
	Format   string       `json:"format"`
	Comment  string       `json:"comment,omitempty"`
	Keys     []fileKeys   `json:"keys"`
	Limit    uint64       `json:"limit,omitempty"`
	Declined []string     `json:"declined,omitempty"`
	Scripts  []fileScript `json:"scripts,omitempty"`
	Status   string       `json:"status,omitempty"`
	PINKey   *filePINKey  `json:"pin_key,omitempty"`
	PIN      string       `json:"pin,omitempty"`
	PINs     []filePIN    `json:"pins,omitempty"`
}

// filePINKey is what PINs come enciphered under: ISO 9564-1 format 0 or 4, 32 hex digits.
type filePINKey struct {
	Format int    `json:"format"`
	Key    string `json:"key"`
}

// filePIN is a card's PIN.
type filePIN struct {
	PAN string `json:"pan"`
	PIN string `json:"pin"`
}

type fileKeys struct {
	Scheme   string `json:"scheme"`
	Index    byte   `json:"index"`
	AC       string `json:"ac"`
	MAC      string `json:"smi"`
	Encipher string `json:"smc"`
	MACLen   *byte  `json:"mac_length,omitempty"`
}

type fileScript struct {
	Before bool     `json:"before,omitempty"`
	ID     string   `json:"id,omitempty"`
	Orders []string `json:"orders"`
}

// Encode returns keys, the one for PINs too, and the PIN of cards that have no other, as a file. It
// reveals them: the file is for its owner's eyes.
func Encode(keys []Keys, pins PINs) []byte {
	text := func(key cryptogram.Key) string {
		raw := key.Reveal()
		return hex.EncodeToString(raw[:])
	}
	f := file{Format: Format, PIN: pins.Other.Reveal()}
	if pins.Key != nil {
		format, digits := pins.Key.Reveal()
		f.PINKey = &filePINKey{format, digits}
	}
	for _, k := range keys {
		one := fileKeys{
			Scheme: k.Scheme.String(), Index: k.Index,
			AC: text(k.Master.AC), MAC: text(k.Master.MAC), Encipher: text(k.Master.Encipher),
		}
		if k.MACLen != 0 {
			one.MACLen = &k.MACLen
		}
		f.Keys = append(f.Keys, one)
	}
	out, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic("issuer: a file of strings refused") // can't happen: there is nothing else in it
	}
	return append(out, '\n')
}

// ParseFile reads such a file: keys, and the rules of [Config] where it has some. Whatever it
// doesn't know, it refuses. An error wraps [ErrFile].
func ParseFile(b []byte) (Config, error) {
	fail := func(err error) (Config, error) { return Config{}, fmt.Errorf("%w: %w", ErrFile, err) }
	if len(b) > maxFile {
		return fail(fmt.Errorf("%d bytes, at most %d", len(b), maxFile))
	}
	var f file
	if err := jsonfile.Decode(b, Format, &f); err != nil {
		return fail(err)
	}
	c := Config{Limit: f.Limit, Declined: f.Declined}
	for _, read := range []func(*Config) error{f.keys, f.rules, f.scripts, f.pins} {
		if err := read(&c); err != nil {
			return fail(err)
		}
	}
	return c, nil
}

func (f file) keys(c *Config) error {
	if len(f.Keys) == 0 {
		return errors.New("keys: there are none")
	}
	for n, from := range f.Keys {
		k, err := from.read()
		if err != nil {
			return fmt.Errorf("keys %d: %w", n+1, err)
		}
		for _, other := range c.Keys {
			if other.Scheme == k.Scheme && other.Index == k.Index {
				return fmt.Errorf("keys %d: %v with index %d is there twice", n+1, k.Scheme, k.Index)
			}
		}
		c.Keys = append(c.Keys, k)
	}
	return nil
}

func (f fileKeys) read() (Keys, error) {
	scheme, err := cryptogram.ParseScheme(f.Scheme)
	if err != nil {
		return Keys{}, fmt.Errorf("scheme: %w", err)
	}
	keys := Keys{Scheme: scheme, Index: f.Index}
	if f.MACLen != nil {
		if keys.MACLen = *f.MACLen; keys.MACLen < cryptogram.MinMAC || keys.MACLen > cryptogram.MaxMAC {
			return Keys{}, fmt.Errorf("mac_length: %d, expected %d to %d", keys.MACLen,
				cryptogram.MinMAC, cryptogram.MaxMAC)
		}
	}
	master := &keys.Master
	for _, k := range []struct {
		name, text string
		to         *cryptogram.Key
	}{
		{"ac", f.AC, &master.AC}, {"smi", f.MAC, &master.MAC}, {"smc", f.Encipher, &master.Encipher},
	} {
		if err := fill(k.to[:], k.name, k.text); err != nil {
			return Keys{}, err
		}
	}
	return keys, nil
}

func (f file) rules(c *Config) error {
	for n, pan := range f.Declined {
		if err := checkPAN(pan, 0); err != nil {
			return fmt.Errorf("declined %d: %w", n+1, cryptogram.ErrPAN)
		}
	}
	if f.Status == "" {
		return nil
	}
	return fill(c.Status[:], "status", f.Status)
}

func (f file) scripts(c *Config) error {
	for n, from := range f.Scripts {
		s := Script{Before: from.Before}
		if from.ID != "" {
			if err := fill(s.ID[:], fmt.Sprintf("script %d: id", n+1), from.ID); err != nil {
				return err
			}
		}
		for _, text := range from.Orders {
			order, err := ParseOrder(text)
			if err != nil {
				return fmt.Errorf("script %d: %w", n+1, err)
			}
			s.Orders = append(s.Orders, order)
		}
		c.Scripts = append(c.Scripts, s)
	}
	if err := checkAll(c.Scripts); err != nil {
		return fmt.Errorf("scripts: %w", err)
	}
	return nil
}

// pins reads what PINs are checked by. An error doesn't show one.
func (f file) pins(c *Config) error {
	if f.PINKey != nil {
		key, err := pinblock.ReadKey(f.PINKey.Format, f.PINKey.Key)
		if err != nil {
			return fmt.Errorf("pin_key: %w", err)
		}
		c.PINs.Key = &key
	}
	if f.PIN != "" {
		var err error
		if c.PINs.Other, err = pinblock.ParsePIN(f.PIN); err != nil {
			return fmt.Errorf("pin: %w", err)
		}
	}
	c.PINs.Cards = make(map[string]pinblock.PIN, len(f.PINs))
	for n, from := range f.PINs {
		if err := checkPAN(from.PAN, 0); err != nil {
			return fmt.Errorf("pins %d: %w", n+1, cryptogram.ErrPAN)
		}
		pin, err := pinblock.ParsePIN(from.PIN)
		if err != nil {
			return fmt.Errorf("pins %d: %w", n+1, err)
		}
		if _, twice := c.PINs.Cards[from.PAN]; twice {
			return fmt.Errorf("pins %d: the account number is there twice", n+1)
		}
		c.PINs.Cards[from.PAN] = pin
	}
	return nil
}

// fill reads hex digits for all of a field. Its error doesn't show them.
func fill(to []byte, name, text string) error {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(to) {
		return fmt.Errorf("%s: expected %d hex digits", name, 2*len(to))
	}
	copy(to, raw)
	return nil
}
