package issuer

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
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
	Scheme   string       `json:"scheme"`
	KeyIndex byte         `json:"key_index"`
	Keys     fileKeys     `json:"keys"`
	Limit    uint64       `json:"limit,omitempty"`
	Declined []string     `json:"declined,omitempty"`
	Scripts  []fileScript `json:"scripts,omitempty"`
	Status   string       `json:"status,omitempty"`
}

type fileKeys struct {
	AC       string `json:"ac"`
	MAC      string `json:"smi"`
	Encipher string `json:"smc"`
}

type fileScript struct {
	Before bool     `json:"before,omitempty"`
	ID     string   `json:"id,omitempty"`
	Orders []string `json:"orders"`
}

// Encode returns the keys as a file. It reveals them: the file is for its owner's eyes.
func (k Keys) Encode() []byte {
	text := func(key cryptogram.Key) string {
		raw := key.Reveal()
		return hex.EncodeToString(raw[:])
	}
	out, err := json.MarshalIndent(file{
		Format: Format, Scheme: k.Scheme.String(), KeyIndex: k.Index,
		Keys: fileKeys{
			AC: text(k.Master.AC), MAC: text(k.Master.MAC), Encipher: text(k.Master.Encipher),
		},
	}, "", "  ")
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
	in := json.NewDecoder(bytes.NewReader(b))
	in.DisallowUnknownFields()
	if err := in.Decode(&f); err != nil {
		return fail(err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return fail(errors.New("more behind it"))
	}
	if f.Format != Format {
		return fail(fmt.Errorf("format %q, expected %q", f.Format, Format))
	}
	c := Config{Limit: f.Limit, Declined: f.Declined}
	for _, read := range []func(*Config) error{f.keys, f.rules, f.scripts} {
		if err := read(&c); err != nil {
			return fail(err)
		}
	}
	return c, nil
}

func (f file) keys(c *Config) error {
	var err error
	if c.Keys.Scheme, err = cryptogram.ParseScheme(f.Scheme); err != nil {
		return fmt.Errorf("scheme: %w", err)
	}
	c.Keys.Index = f.KeyIndex
	master := &c.Keys.Master
	for _, k := range []struct {
		name, text string
		to         *cryptogram.Key
	}{
		{"keys.ac", f.Keys.AC, &master.AC},
		{"keys.smi", f.Keys.MAC, &master.MAC},
		{"keys.smc", f.Keys.Encipher, &master.Encipher},
	} {
		if err := fill(k.to[:], k.name, k.text); err != nil {
			return err
		}
	}
	return nil
}

func (f file) rules(c *Config) error {
	for n, pan := range f.Declined {
		if _, err := c.Keys.Card(pan, 0); err != nil {
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

// fill reads hex digits for all of a field. Its error doesn't show them.
func fill(to []byte, name, text string) error {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(to) {
		return fmt.Errorf("%s: expected %d hex digits", name, 2*len(to))
	}
	copy(to, raw)
	return nil
}
